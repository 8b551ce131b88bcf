package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** What an event did to one row of the state, as JSON; empty means that there is no such row. */
public record StateChange(
    String table,
    String namespace,
    String id,
    Optional<JsonNode> before,
    Optional<JsonNode> after) {
  static StateChange of(RowChange change) {
    return new StateChange(
        change.key().table(),
        change.key().namespace(),
        change.key().id(),
        change.before().map(StoredRow::json),
        change.after().map(StoredRow::json));
  }
}
