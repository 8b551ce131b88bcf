package dev.taffrail.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.host.Families;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One golden file per event, with every member and with the fewest, shows what is on disk. A file
 * that is there never changes; {@code -Dtaffrail.golden=write} adds those of new events.
 */
class StoredEventsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/events");

  static Stream<EventDefinition<?>> definitions() {
    return Families.catalogue().definitions().stream();
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void anEventIsStoredAsItAlwaysWas(EventDefinition<?> definition) throws IOException {
    check(definition, "full", SampleRecords.full(definition.eventClass()));
    check(definition, "least", SampleRecords.least(definition.eventClass()));
  }

  private static void check(EventDefinition<?> definition, String variant, Event event)
      throws IOException {
    Path file = GOLDEN.resolve(definition.type() + "." + variant + ".json");
    String json = EventJson.mapper().readTree(EventJson.write(event)).toPrettyString() + "\n";
    if ("write".equals(System.getProperty("taffrail.golden")) && Files.notExists(file)) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, json);
    }
    assertThat(file).exists();
    assertThat(json).isEqualTo(Files.readString(file));
    byte[] stored =
        EventJson.mapper()
            .readTree(Files.readString(file))
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    Event read = EventJson.read(stored, definition.eventClass());
    assertThat(read).isEqualTo(event);
    assertThat(EventJson.write(read)).isEqualTo(EventJson.write(event));
  }

  @Test
  void everyGoldenFileHasItsEvent() throws IOException {
    Set<String> types = definitions().map(EventDefinition::type).collect(Collectors.toSet());
    Set<String> stored = new TreeSet<>();
    try (Stream<Path> files = Files.list(GOLDEN)) {
      files
          .map(file -> file.getFileName().toString().replaceFirst("\\.[a-z]+\\.json$", ""))
          .forEach(stored::add);
    }
    assertThat(types).containsAll(stored);
  }
}
