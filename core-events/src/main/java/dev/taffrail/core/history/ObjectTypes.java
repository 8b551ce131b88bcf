package dev.taffrail.core.history;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.content.ContentEvent;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.log.LogEvent;
import dev.taffrail.core.network.NetworkEvent;
import java.util.List;
import java.util.Map;

/** Which objects the rows of a table are called after. */
public final class ObjectTypes {
  /** Where it is not the table that is named like the type. */
  private static final Map<String, String> OTHERS =
      Map.of(
          ContainerEvent.SPECIFICATIONS.name(), ContainerEvent.subject("any").type(),
          NetworkEvent.PORTS.name(), ContainerEvent.subject("any").type(),
          ContentEvent.BLOBS.name(), ContentEvent.SUBJECT_TYPE);

  private ObjectTypes() {}

  /** The type of the objects whose ids the rows of the table carry, {@code containers}. */
  public static String of(Table<?> table) {
    return OTHERS.getOrDefault(table.name(), table.name());
  }

  /** The tables whose rows carry ids of objects of this type. */
  static List<Table<?>> tables(EventCatalogue catalogue, String type) {
    return catalogue.tables().stream().filter(table -> of(table).equals(type)).toList();
  }

  /** Whether rows, or subjects of events, may be of this type. */
  static boolean isKnown(EventCatalogue catalogue, String type) {
    return catalogue.table(type).isPresent()
        || !tables(catalogue, type).isEmpty()
        || type.equals(LogEvent.SUBJECT_TYPE);
  }
}
