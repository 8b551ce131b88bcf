package dev.taffrail.core.event;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All event types and tables that a log knows, from the families of the kernel and of its plugins.
 */
public final class EventCatalogue {
  private final List<EventFamily<?>> families;
  private final Map<String, EventDefinition<?>> byType = new TreeMap<>();
  private final Map<Class<?>, EventDefinition<?>> byClass = new HashMap<>();
  private final Map<String, Table<?>> tables = new TreeMap<>();
  private final String fingerprint;

  private EventCatalogue(Collection<EventFamily<?>> families) {
    this.families = List.copyOf(families);
    for (EventFamily<?> family : families) {
      for (EventDefinition<?> definition : family.definitions()) {
        if (byType.putIfAbsent(definition.type(), definition) != null
            || byClass.putIfAbsent(definition.eventClass(), definition) != null) {
          throw new IllegalArgumentException("Two families declare " + definition.type());
        }
      }
      for (Table<?> table : family.tables()) {
        Table<?> known = tables.putIfAbsent(table.name(), table);
        if (known != null && !known.equals(table)) {
          throw new IllegalArgumentException("Two tables are named " + table.name());
        }
      }
    }
    this.fingerprint = fingerprintOf(byType.values());
  }

  public static EventCatalogue of(Collection<EventFamily<?>> families) {
    return new EventCatalogue(families);
  }

  public static EventCatalogue of(EventFamily<?>... families) {
    return new EventCatalogue(List.of(families));
  }

  public List<EventFamily<?>> families() {
    return families;
  }

  /** Ordered by type. */
  public Collection<EventDefinition<?>> definitions() {
    return List.copyOf(byType.values());
  }

  public Optional<EventDefinition<?>> find(String type) {
    return Optional.ofNullable(byType.get(type));
  }

  /** UNIMPLEMENTED for a type or version that this build does not know. */
  public EventDefinition<?> definition(String type) {
    return find(type)
        .orElseThrow(
            () -> new RuntimeFailure(Kind.UNIMPLEMENTED, "No applier for the event type " + type));
  }

  /** IllegalArgumentException for a record of no declared family. */
  public EventDefinition<?> definition(Event event) {
    EventDefinition<?> definition = byClass.get(event.getClass());
    if (definition == null) {
      throw new IllegalArgumentException("No family declares " + event.getClass().getName());
    }
    return definition;
  }

  public Optional<Table<?>> table(String name) {
    return Optional.ofNullable(tables.get(name));
  }

  public Collection<Table<?>> tables() {
    return List.copyOf(tables.values());
  }

  /**
   * Hex SHA-256 over the declared (type with version, revision) of all appliers, ordered by type.
   */
  public String fingerprint() {
    return fingerprint;
  }

  private static String fingerprintOf(Collection<EventDefinition<?>> definitions) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (EventDefinition<?> definition : definitions) {
        digest.update(
            (definition.type() + "\0" + definition.revision() + "\0")
                .getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
