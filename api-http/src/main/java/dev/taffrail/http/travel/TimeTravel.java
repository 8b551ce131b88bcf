package dev.taffrail.http.travel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.history.Blame;
import dev.taffrail.core.history.EventTrace;
import dev.taffrail.core.history.ObjectHistory;
import dev.taffrail.core.history.ObjectNames;
import dev.taffrail.core.history.ObjectTypes;
import dev.taffrail.core.history.StateDiff;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import dev.taffrail.core.log.Snapshot;
import java.util.List;
import java.util.Optional;

/** Answers questions about the past; every answer says the moment that it is true for. Blocks. */
public final class TimeTravel {
  private static final int HISTORY_LIMIT = 1000;
  private static final int HISTORY_MOST = 10_000;

  private final ReadableLog log;

  public TimeTravel(ReadableLog log) {
    this.log = log;
  }

  /**
   * Answers {@code state}, {@code state/<type>}, {@code state/<type>/<id>}, {@code
   * history/<object>}, {@code blame/<object>}, {@code diff} and {@code trace/<event>}; {@code
   * docs/api.md} has the parameters. NOT_FOUND for another path; otherwise as {@link ReadableLog}
   * says.
   */
  public ObjectNode answer(String path, TravelQuery query) {
    String[] parts = path.split("/", 2);
    Optional<String> rest =
        parts.length < 2 || parts[1].isEmpty() ? Optional.empty() : Optional.of(parts[1]);
    return switch (parts[0]) {
      case "state" -> rest.map(row -> state(row, query)).orElseGet(() -> tables(query));
      case "diff" -> diff(query);
      case "history" -> history(needed(rest, "object"), query);
      case "blame" -> blame(needed(rest, "object"), query);
      case "trace" -> trace(needed(rest, "event"));
      default -> throw new RuntimeFailure(Kind.NOT_FOUND, "page not found");
    };
  }

  private static String needed(Optional<String> part, String what) {
    return part.orElseThrow(
        () -> new RuntimeFailure(Kind.INVALID_ARGUMENT, "The path names no " + what));
  }

  private Cursor moment(TravelQuery query) {
    return query.find("at").map(log::moment).orElseGet(log::head);
  }

  private ObjectNode tables(TravelQuery query) {
    try (Snapshot state = log.asOf(moment(query))) {
      ObjectNode answer = TravelJson.object();
      answer.put("cursor", state.cursor().toString());
      ArrayNode types = answer.putArray("types");
      log.catalogue().tables().forEach(table -> types.add(table.name()));
      return answer;
    }
  }

  private ObjectNode state(String row, TravelQuery query) {
    String[] parts = row.split("/", 2);
    Table<?> table =
        log.catalogue()
            .table(parts[0])
            .orElseThrow(
                () -> new RuntimeFailure(Kind.NOT_FOUND, "No such type of state: " + parts[0]));
    return parts.length < 2 || parts[1].isEmpty()
        ? rows(table, query)
        : row(table, parts[1], query);
  }

  private ObjectNode rows(Table<?> table, TravelQuery query) {
    String prefix = query.find("prefix").orElse("");
    Optional<String> namespace = query.find("namespace");
    if (!prefix.isEmpty() && namespace.isEmpty()) {
      namespace = Optional.of(Subject.DEFAULT_NAMESPACE);
    }
    try (Snapshot state = query.find("at").isEmpty() ? log.snapshot() : log.asOf(moment(query))) {
      ObjectNode answer = TravelJson.object();
      answer.put("cursor", state.cursor().toString());
      answer.put("type", table.name());
      ArrayNode rows = answer.putArray("rows");
      List<? extends Row<?>> found =
          namespace.isPresent() ? state.list(table, namespace.get(), prefix) : state.listAll(table);
      found.forEach(row -> rows.add(EventJson.mapper().<ObjectNode>valueToTree(row)));
      return answer;
    }
  }

  private ObjectNode row(Table<?> table, String id, TravelQuery query) {
    String namespace = query.find("namespace").orElse(Subject.DEFAULT_NAMESPACE);
    Cursor moment = moment(query);
    try (Snapshot state = log.asOf(moment)) {
      RowKey row = new RowKey(table.name(), namespace, id);
      Optional<RowVersion> found = log.index().row(row, state.sequence());
      int slash = id.indexOf('/');
      if (found.isEmpty() && slash > 0 && query.find("namespace").isEmpty()) {
        RowKey full = new RowKey(table.name(), id.substring(0, slash), id.substring(slash + 1));
        found = log.index().row(full, state.sequence());
        row = found.isPresent() ? full : row;
      }
      if (found.isEmpty()) {
        Optional<Subject> named = named(table, id, moment);
        if (named.isPresent()) {
          row = new RowKey(table.name(), named.get().namespace(), named.get().id());
          found = log.index().row(row, state.sequence());
        }
      }
      RowVersion version =
          found.orElseThrow(
              () ->
                  new RuntimeFailure(
                      Kind.NOT_FOUND,
                      "No "
                          + id
                          + " in "
                          + table.name()
                          + " of "
                          + namespace
                          + " as of "
                          + moment
                          + log.beyond().map(where -> "; " + where).orElse("")));
      ObjectNode answer = TravelJson.object();
      answer.put("cursor", state.cursor().toString());
      answer.put("type", row.table());
      answer.put("namespace", row.namespace());
      answer.put("id", row.id());
      answer.put("sequence", Long.toString(version.sequence()));
      version.value().ifPresent(value -> answer.set("value", value));
      return answer;
    }
  }

  /** A container's name, or the beginning of an id. */
  private Optional<Subject> named(Table<?> table, String name, Cursor moment) {
    try {
      return Optional.of(
          ObjectNames.resolve(log, ObjectTypes.of(table) + "/" + name, moment.sequence()));
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private ObjectNode history(String object, TravelQuery query) {
    Cursor moment = moment(query);
    long after = query.find("from").map(log::moment).map(Cursor::sequence).orElse(0L);
    int limit = query.number("limit", HISTORY_LIMIT, HISTORY_MOST);
    if (query.flag("row")) {
      RowKey row = ObjectNames.resolveRow(log, object);
      return TravelJson.history(row.toString(), ObjectHistory.of(log, row, after, moment, limit));
    }
    Subject subject = ObjectNames.resolve(log, object, moment.sequence());
    return TravelJson.history(
        subject.toString(), ObjectHistory.of(log, subject, after, moment, limit));
  }

  private ObjectNode blame(String object, TravelQuery query) {
    Cursor moment = moment(query);
    if (query.flag("row")) {
      RowKey row = ObjectNames.resolveRow(log, object);
      return TravelJson.blame(row.toString(), Blame.of(log, row, query.find("field"), moment));
    }
    Subject subject = ObjectNames.resolve(log, object, moment.sequence());
    return TravelJson.blame(
        subject.toString(), Blame.of(log, subject, query.find("field"), moment));
  }

  private ObjectNode diff(TravelQuery query) {
    Cursor from =
        query
            .find("from")
            .map(log::moment)
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.INVALID_ARGUMENT, "The parameter from is needed: a moment"));
    Cursor to = query.find("to").map(log::moment).orElseGet(log::head);
    Optional<String> object = query.find("object");
    if (object.isPresent()) {
      long last = Math.max(from.sequence(), to.sequence());
      return TravelJson.diff(
          StateDiff.of(log, from, to, ObjectNames.resolve(log, object.get(), last)));
    }
    return TravelJson.diff(StateDiff.of(log, from, to, query.find("type")));
  }

  private ObjectNode trace(String event) {
    return TravelJson.trace(EventTrace.of(log, log.moment(event).sequence()));
  }
}
