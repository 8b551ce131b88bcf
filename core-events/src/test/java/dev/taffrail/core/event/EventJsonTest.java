package dev.taffrail.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventJsonTest {
  enum Colour {
    DARK_RED
  }

  record Sample(
      long count,
      int small,
      Instant at,
      Optional<String> name,
      OptionalLong big,
      OptionalInt little,
      Map<String, String> labels,
      List<String> words,
      Colour colour) {}

  private static final Sample FULL =
      new Sample(
          Long.MAX_VALUE,
          7,
          Instant.ofEpochSecond(1, 5),
          Optional.of("n"),
          OptionalLong.of(9007199254740993L),
          OptionalInt.of(3),
          Map.of("b", "2", "a", "1"),
          List.of("x"),
          Colour.DARK_RED);

  private static final Sample BARE =
      new Sample(
          0,
          0,
          Instant.EPOCH,
          Optional.empty(),
          OptionalLong.empty(),
          OptionalInt.empty(),
          Map.of(),
          List.of(),
          Colour.DARK_RED);

  @Test
  void aFullValueIsWrittenAsTheLogFormatSays() {
    assertThat(new String(EventJson.write(FULL), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"count\":\"9223372036854775807\",\"small\":7,\"at\":\"1970-01-01T00:00:01.000000005Z\","
                + "\"name\":\"n\",\"big\":\"9007199254740993\",\"little\":3,"
                + "\"labels\":{\"a\":\"1\",\"b\":\"2\"},\"words\":[\"x\"],\"colour\":\"dark_red\"}");
  }

  @Test
  void absentMembersAreOmitted() {
    assertThat(new String(EventJson.write(BARE), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"count\":\"0\",\"small\":0,\"at\":\"1970-01-01T00:00:00.000000000Z\","
                + "\"labels\":{},\"words\":[],\"colour\":\"dark_red\"}");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    assertThat(EventJson.read(EventJson.write(FULL), Sample.class)).isEqualTo(FULL);
    assertThat(EventJson.read(EventJson.write(BARE), Sample.class)).isEqualTo(BARE);
  }

  @Test
  void instantsHaveNineDigitsAlways() {
    DateTimeFormatter nineDigits =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    Random random = new Random(5);
    List<Instant> instants =
        new ArrayList<>(
            List.of(
                Instant.EPOCH,
                Instant.ofEpochSecond(-1, 1),
                Instant.ofEpochSecond(-1, 999_999_999),
                Instant.parse("0000-01-01T00:00:00Z"),
                Instant.parse("-0001-12-31T23:59:59.9Z"),
                Instant.parse("2024-02-29T23:59:59.000000001Z"),
                Instant.parse("9999-12-31T23:59:59.999999999Z"),
                Instant.parse("+10000-01-01T00:00:00Z")));
    for (int i = 0; i < 1000; i++) {
      instants.add(
          Instant.ofEpochSecond(random.nextLong(8_000_000_000L), random.nextInt(1_000_000_000)));
    }
    assertThat(instants)
        .allSatisfy(
            instant -> assertThat(EventJson.format(instant)).isEqualTo(nineDigits.format(instant)));
  }

  @Test
  void unknownMembersAreRefused() {
    assertThatThrownBy(
            () ->
                EventJson.read(
                    "{\"owner\":\"a\",\"x\":1}".getBytes(StandardCharsets.UTF_8),
                    Reservation.class))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
