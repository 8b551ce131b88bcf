package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.ReadableLog;
import java.util.Optional;

/**
 * A whole moment as JSON, for programs: {@code cursor}, {@code event} (absent before the first),
 * {@code state} (table → id → row of the default namespace) and {@code system} (the same of the
 * kernel's namespace).
 */
final class MomentFile {
  private MomentFile() {}

  static byte[] write(
      ReadableLog log, Cursor cursor, Optional<LoggedEvent> event, StateView state) {
    ObjectNode moment = JsonNodeFactory.instance.objectNode();
    moment.put("cursor", cursor.toString());
    event.ifPresent(last -> moment.set("event", CloudEventJson.write(log.info().logId(), last)));
    ObjectNode rows = moment.putObject("state");
    ObjectNode system = moment.putObject("system");
    for (Table<?> table : log.catalogue().tables()) {
      ObjectNode ofTable = rows.putObject(table.name());
      ObjectNode ofSystem = system.putObject(table.name());
      for (Row<?> row : state.listAll(table)) {
        ObjectNode target =
            row.namespace().equals(Subject.DEFAULT_NAMESPACE)
                ? ofTable
                : row.namespace().equals(Subject.SYSTEM_NAMESPACE) ? ofSystem : null;
        if (target != null) {
          target.set(row.id(), EventJson.mapper().valueToTree(row.value()));
        }
      }
    }
    return EventJson.write(moment);
  }
}
