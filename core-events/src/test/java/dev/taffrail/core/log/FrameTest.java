package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Subject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is frozen in every log: docs/log-format.md. The hex strings here never change. */
class FrameTest {
  private static final String LOG_ID = "00000000-0000-0000-0000-000000000001";

  private static EventHeader header() {
    return new EventHeader(
        1,
        1,
        Keys.instant(1_700_000_000_123_456_789L),
        "dev.taffrail.berth.taken.v1",
        Subject.of("berths", "b1"),
        1,
        "c0rrelation",
        OptionalLong.of(7),
        Actor.peer(0, 0, 42, Optional.of("docker run")),
        Optional.empty(),
        Optional.of("key"),
        0,
        1);
  }

  private static Frame frame() {
    byte[] salt = new byte[Frame.SALT_LENGTH];
    new Random(42).nextBytes(salt);
    return Frame.of(
        Hashes.genesis(LOG_ID),
        HeaderCodec.write(header()),
        salt,
        "{\"ship\":\"Argo\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theHeaderIsStoredAsItAlwaysWas() {
    assertThat(new String(HeaderCodec.write(header()), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"sequence\":\"1\",\"epoch\":1,\"time\":\"1700000000123456789\","
                + "\"type\":\"dev.taffrail.berth.taken.v1\",\"namespace\":\"default\","
                + "\"subject\":\"berths/b1\",\"subjectSequence\":\"1\","
                + "\"correlation\":\"c0rrelation\",\"cause\":\"7\","
                + "\"actor\":{\"uid\":\"0\",\"gid\":\"0\",\"pid\":\"42\","
                + "\"command\":\"docker run\"},\"idempotencyKey\":\"key\","
                + "\"position\":0,\"count\":1}");
    assertThat(HeaderCodec.read(HeaderCodec.write(header()))).isEqualTo(header());
  }

  @Test
  void theFrameAndItsHashesAreWhatTheyAlwaysWere() {
    HexFormat hex = HexFormat.of();
    assertThat(hex.formatHex(Hashes.genesis(LOG_ID)))
        .isEqualTo("23cce2b0e5852cf7ca4e27bf45fc503f0f155846f8d9c33f6364bd565b3a5e1e");
    assertThat(hex.formatHex(frame().hash()))
        .isEqualTo("7a45dfdeb959b5c1eb7e9346f400dd8d1b3bde5d440f3e16a655b79c7351af01");
    assertThat(hex.formatHex(Hashes.row(new byte[] {1}, new byte[] {2})))
        .isEqualTo("13bef33114afeba5cb85e83f14c024e5523c9835db10712f5c58e18aa0efd6f6");
    assertThat(frame().encode()).hasSize(437);
  }

  @Test
  void aFrameIsReadBack() {
    Frame read = Frame.decode(frame().encode());
    assertThat(read.hashHolds()).isTrue();
    assertThat(read.toLogged().header()).isEqualTo(header());
    assertThat(read.toLogged().payload()).contains("{\"ship\":\"Argo\"}");
  }

  @Test
  void aRedactedFrameKeepsItsHash() {
    Frame redacted = Frame.decode(frame().redacted().encode());
    assertThat(redacted.payload()).isEmpty();
    assertThat(redacted.hashHolds()).isTrue();
    assertThat(redacted.hash()).isEqualTo(frame().hash());
  }

  @Test
  void anyFlippedBitAndAnyCutIsNoticed() {
    byte[] good = frame().encode();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> Frame.decode(bad)).isInstanceOf(RuntimeFailure.class);
    }
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Frame.decode(cut)).isInstanceOf(RuntimeFailure.class);
    }
  }

  @Test
  void keysAreWhatTheyAlwaysWere() {
    HexFormat hex = HexFormat.of();
    List<String> index = Keys.index(header()).stream().map(hex::formatHex).toList();
    assertThat(index)
        .containsExactly(
            "0164656661756c740062657274687300623100" + "0000000000000001",
            "026465762e746166667261696c2e62657274682e74616b656e2e763100" + "0000000000000001",
            "03"
                + hex.formatHex("c0rrelation\0".getBytes(StandardCharsets.UTF_8))
                + "0000000000000001",
            "04" + "0000000000000007" + "0000000000000001",
            "05" + String.format("%016x", 1_700_000_000_123_456_789L) + "0000000000000001");
    assertThat(hex.formatHex(new RowKey("berths", "default", "b1").history(9)))
        .isEqualTo("6265727468730064656661756c7400623100" + "0000000000000009");
  }

  @Test
  void theStateHashDoesNotDependOnTheOrder() {
    Random random = new Random(7);
    StateHash one = new StateHash();
    StateHash other = new StateHash();
    byte[][] rows = new byte[200][8];
    for (byte[] row : rows) {
      random.nextBytes(row);
      one.add(row, row);
    }
    for (int i = rows.length - 1; i >= 0; i--) {
      other.add(rows[i], rows[i]);
    }
    assertThat(one.bytes()).isEqualTo(other.bytes());
    for (byte[] row : rows) {
      one.subtract(row, row);
    }
    assertThat(one.bytes()).isEqualTo(new byte[32]);
    assertThat(StateHash.of(other.bytes()).bytes()).isEqualTo(other.bytes());
  }
}
