package dev.taffrail.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.container.Lifecycle;
import dev.taffrail.core.host.Families;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The documents that are made from code: they must be what is committed. {@code
 * -Dtaffrail.docs=write} writes them.
 */
class DocumentsTest {
  private static final Path DOCS = Path.of("../docs");

  private static void check(String name, String text) throws IOException {
    Path file = DOCS.resolve(name);
    if ("write".equals(System.getProperty("taffrail.docs"))) {
      Files.createDirectories(DOCS);
      Files.writeString(file, text);
    }
    assertThat(file).content().isEqualTo(text);
  }

  @Test
  void theEventCatalogueIsThatOfTheCode() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# Events\n\n")
        .append("Made from the code by `DocumentsTest`; do not edit. ")
        .append("Stored forms are fixed in [log-format.md](log-format.md).\n");
    for (EventFamily<?> family : Families.catalogue().families()) {
      text.append("\n## ").append(family.sealedType().getSimpleName()).append("\n\n");
      text.append("State rows: ");
      text.append(
          String.join(
              ", ",
              family.tables().stream()
                  .map(table -> "`" + table.name() + "` (" + table.rowClass().getSimpleName() + ")")
                  .sorted()
                  .toList()));
      text.append("\n");
      for (EventDefinition<?> definition : family.definitions()) {
        append(text, definition);
      }
    }
    check("events.md", text.toString());
  }

  private static void append(StringBuilder text, EventDefinition<?> definition) {
    text.append("\n### `").append(definition.type()).append("`\n\n");
    about(definition.eventClass().getAnnotation(About.class)).ifPresent(text::append);
    RecordComponent[] components = definition.eventClass().getRecordComponents();
    if (components.length == 0) {
      text.append("\nNo members.\n");
      return;
    }
    text.append("\n| member | form | |\n|---|---|---|\n");
    for (RecordComponent component : components) {
      text.append("| `")
          .append(component.getName())
          .append("` | ")
          .append(form(component.getGenericType().getTypeName()))
          .append(" | ")
          .append(about(component.getAnnotation(About.class)).orElse("").strip())
          .append(" |\n");
    }
  }

  private static Optional<String> about(About about) {
    return Optional.ofNullable(about).map(text -> text.value() + "\n");
  }

  /** {@code java.util.Optional<java.lang.String>} becomes {@code Optional<String>}. */
  private static String form(String type) {
    return "`" + type.replaceAll("[a-z_]+\\.", "").replace('$', '.') + "`";
  }

  @Test
  void theLifeOfAContainerIsThatOfTheCode() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# The life of a container\n\n")
        .append("Made from `Lifecycle` by `DocumentsTest`; do not edit. An effect is carried out ")
        .append("once its event is durable. The last column says what the reconciler does when ")
        .append("the daemon starts and finds a container in that phase.\n\n")
        .append("| phase | event | next | effect | found open at a start |\n")
        .append("|---|---|---|---|---|\n");
    for (Lifecycle.Transition edge : Lifecycle.TRANSITIONS) {
      text.append("| ")
          .append(edge.from().map(DocumentsTest::lower).orElse("(none)"))
          .append(" | ")
          .append(edge.event().getSimpleName())
          .append(" | ")
          .append(edge.next().map(DocumentsTest::lower).orElse("(gone)"))
          .append(" | ")
          .append(edge.effect())
          .append(" | ")
          .append(edge.reconciliation())
          .append(" |\n");
    }
    check("container-lifecycle.md", text.toString());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
