package dev.taffrail.http.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The state of a running daemon as of a moment; each look at it is a request. */
final class RemoteSnapshot implements Snapshot {
  private final Remote remote;
  private final Cursor cursor;

  RemoteSnapshot(Remote remote, Cursor cursor) {
    this.remote = remote;
    this.cursor = cursor;
  }

  @Override
  public Cursor cursor() {
    return cursor;
  }

  @Override
  public long sequence() {
    return cursor.sequence();
  }

  @Override
  public <T> Optional<T> find(Table<T> table, String namespace, String id) {
    return list(table, namespace, id).stream()
        .filter(row -> row.id().equals(id))
        .map(Row::value)
        .findFirst();
  }

  @Override
  public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
    return rows(
        table,
        "&namespace=" + RemoteLog.encode(namespace) + "&prefix=" + RemoteLog.encode(idPrefix));
  }

  @Override
  public <T> List<Row<T>> listAll(Table<T> table) {
    return rows(table, "");
  }

  private <T> List<Row<T>> rows(Table<T> table, String query) {
    JsonNode answer =
        remote.get(
            "/taffrail/v1/state/" + RemoteLog.encode(table.name()) + "?at=" + cursor + query);
    List<Row<T>> rows = new ArrayList<>();
    for (JsonNode row : answer.path("rows")) {
      rows.add(
          new Row<>(
              row.path("namespace").asText(),
              row.path("id").asText(),
              Long.parseLong(row.path("sequence").asText()),
              value(table, row.path("value"))));
    }
    return rows;
  }

  private static <T> T value(Table<T> table, JsonNode value) {
    try {
      return EventJson.mapper().treeToValue(value, table.rowClass());
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "This command does not know the daemon's rows of " + table.name() + "; is it older?",
          e);
    }
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
