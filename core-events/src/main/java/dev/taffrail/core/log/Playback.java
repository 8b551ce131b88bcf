package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A moment of a log that moves. Forwards, events are folded in memory with the appliers that the
 * writer uses; backwards, what they did is undone. It starts from the stored state as of a moment,
 * so a truncated log can be played from the oldest moment on, and it takes the stored state again
 * where events cannot be folded: after lost and unknown ones, and redacted ones whose substitute is
 * not known. The log is only read, up to the head of the time when the playback began. Confined to
 * one thread.
 */
public final class Playback implements AutoCloseable {
  private static final int PAGE = 512;

  /** Steps that can be undone; further back the state is taken from the log again. */
  private static final int REMEMBERED = 4096;

  /** Events folded anew before a moment to which no step leads back. */
  private static final int RUN_UP = 256;

  private final ReadableLog log;
  private final Cursor end;
  private final List<LogEvent.Salvaged> holes;
  private final Deque<Step> done = new ArrayDeque<>();
  private final Deque<LoggedEvent> ahead = new ArrayDeque<>();
  private Optional<Snapshot> base = Optional.empty();
  private RowSource baseRows = RowSource.EMPTY;
  private Replay replay;
  private IndexedRows rows;
  private Cursor cursor;

  /** An event, and what folding it did. */
  public static final class Step {
    private final LoggedEvent event;
    private final Cursor before;
    private final List<RowChange> changes;
    private final Optional<String> note;

    private Step(LoggedEvent event, Cursor before, List<RowChange> changes, Optional<String> note) {
      this.event = event;
      this.before = before;
      this.changes = changes;
      this.note = note;
    }

    public LoggedEvent event() {
      return event;
    }

    public List<StateChange> changes() {
      return changes.stream().map(StateChange::of).toList();
    }

    /** Why the changes are not known, when the event could not be folded. */
    public Optional<String> note() {
      return note;
    }
  }

  /**
   * A playback at {@code start}, which has been checked by {@link ReadableLog#asOf}'s rules: GONE
   * or OUT_OF_RANGE for a moment that the log does not have.
   */
  public Playback(ReadableLog log, Cursor start) {
    this.log = log;
    this.end = log.head();
    this.holes =
        log.read(
            state ->
                state.list(LogEvent.SALVAGES, Subject.SYSTEM_NAMESPACE, "").stream()
                    .map(row -> row.value())
                    .filter(LogEvent.Salvaged::hole)
                    .toList());
    rebase(start);
  }

  /** Everything up to and including the event with this cursor is in the state. */
  public Cursor cursor() {
    return cursor;
  }

  /** The head of the log when the playback began. */
  public Cursor end() {
    return end;
  }

  /** The state at {@link #cursor}; true until the playback moves. */
  public StateView state() {
    return new RowsView(rows, cursor.sequence());
  }

  /** The state before the last event. */
  public StateView before() {
    Map<RowKey, Optional<StoredRow>> was = new HashMap<>();
    here()
        .ifPresent(step -> step.changes.forEach(change -> was.put(change.key(), change.before())));
    RowSource now = rows;
    RowSource earlier =
        new RowSource() {
          @Override
          public Optional<StoredRow> find(RowKey key) {
            Optional<StoredRow> row = was.get(key);
            return row == null ? now.find(key) : row;
          }

          @Override
          public SortedMap<RowKey, StoredRow> list(
              String table, String namespace, String idPrefix) {
            SortedMap<RowKey, StoredRow> found = now.list(table, namespace, idPrefix);
            RowSource.overlay(found, was, table, namespace, idPrefix);
            return found;
          }
        };
    return new RowsView(earlier, Math.max(0, cursor.sequence() - 1));
  }

  /** The step that led to {@link #cursor}; empty at the oldest moment. */
  public Optional<Step> here() {
    if (done.isEmpty() && cursor.sequence() > log.oldest().sequence()) {
      runUpTo(cursor);
    }
    return Optional.ofNullable(done.peekLast());
  }

  /** Folds the next event; empty at the end. DATA_LOSS when its applier does not take it. */
  public Optional<Step> forward() {
    if (cursor.sequence() >= end.sequence()) {
      return Optional.empty();
    }
    Optional<LogEvent.Salvaged> hole = holeAt(cursor.sequence() + 1);
    Step step = hole.isPresent() ? over(hole.get()) : fold(next());
    done.addLast(step);
    if (done.size() > REMEMBERED) {
      done.removeFirst();
    }
    cursor = step.event.header().cursor();
    return Optional.of(step);
  }

  /** Undoes the last event and returns the step that was undone; empty at the oldest moment. */
  public Optional<Step> back() {
    Optional<Step> last = here();
    if (last.isEmpty()) {
      return last;
    }
    Step step = last.get();
    done.removeLast();
    if (step.note.isPresent()) {
      rebase(step.before);
    } else {
      replay.undo(step.changes);
      rows.undone(step.changes);
      ahead.addFirst(step.event);
      cursor = step.before;
    }
    return last;
  }

  /** Moves to a moment: event by event when it is near, to the stored state of then otherwise. */
  public void seek(Cursor target) {
    long distance = target.sequence() - cursor.sequence();
    if (distance < -done.size() || distance > REMEMBERED) {
      rebase(target);
      return;
    }
    boolean moved = true;
    while (moved && cursor.sequence() < target.sequence()) {
      moved = forward().isPresent();
    }
    while (moved && cursor.sequence() > target.sequence()) {
      moved = back().isPresent();
    }
    if (cursor.sequence() != target.sequence()) {
      rebase(target);
    }
  }

  /** The hash of the state, lower-case hex, as the log's head and beacons have it. */
  public String stateHash() {
    StateHash hash = StateHash.of(replay.stateHash());
    for (Table<?> table : log.catalogue().tables()) {
      baseRows
          .list(table.name(), null, "")
          .forEach((key, row) -> hash.add(key.bytes(), row.bytes()));
    }
    return HexFormat.of().formatHex(hash.bytes());
  }

  private void runUpTo(Cursor target) {
    long from = Math.max(log.oldest().sequence(), target.sequence() - RUN_UP);
    for (LogEvent.Salvaged hole : holes) {
      // The first event after a hole is stepped onto from before the hole.
      if (hole.from() - 1 > from && hole.to() + 1 < target.sequence()) {
        from = hole.to() + 1;
      } else if (hole.from() <= from && from <= hole.to()) {
        from = hole.from() - 1;
      }
    }
    rebase(from == log.oldest().sequence() ? log.oldest() : log.at(from));
    boolean moved = true;
    while (moved && cursor.sequence() < target.sequence()) {
      moved = forward().isPresent();
    }
  }

  /** Takes the stored state of a moment; what led there is not known. */
  private void rebase(Cursor moment) {
    boolean genesis = moment.equals(Cursor.START) && log.oldest().equals(Cursor.START);
    Optional<Snapshot> fresh = genesis ? Optional.empty() : Optional.of(log.asOf(moment));
    base.ifPresent(Snapshot::close);
    base = fresh;
    baseRows =
        fresh
            .<RowSource>map(state -> new CachedRows(new SnapshotRows(log.catalogue(), state)))
            .orElse(RowSource.EMPTY);
    replay = new Replay(log.catalogue(), baseRows, new StateHash().bytes());
    rows = new IndexedRows(replay.rows());
    done.clear();
    ahead.clear();
    cursor = moment;
  }

  private Optional<LogEvent.Salvaged> holeAt(long sequence) {
    return holes.stream()
        .filter(hole -> hole.from() <= sequence && sequence <= hole.to())
        .findFirst();
  }

  /** Steps onto the first event after a hole. */
  private Step over(LogEvent.Salvaged hole) {
    Cursor before = cursor;
    Cursor after = log.at(hole.to() + 1);
    LoggedEvent event = stored(after.sequence());
    rebase(after);
    return new Step(
        event,
        before,
        List.of(),
        Optional.of("events " + hole.from() + " to " + hole.to() + " were lost"));
  }

  private Step fold(LoggedEvent event) {
    Cursor before = cursor;
    String type = event.header().type();
    Optional<String> told = replay.knows(type) ? log.payload(event) : event.payload();
    if (told.isEmpty() || !replay.knows(type)) {
      rebase(event.header().cursor());
      return new Step(
          event,
          before,
          List.of(),
          Optional.of(
              told.isEmpty()
                  ? "it is redacted; the state is as stored"
                  : "this build does not know " + type + "; the state is as stored"));
    }
    byte[] payload = told.get().getBytes(StandardCharsets.UTF_8);
    try {
      EventDefinition<?> definition = log.catalogue().definition(type);
      List<RowChange> changes =
          replay.apply(event.header(), EventJson.read(payload, definition.eventClass()));
      rows.changed(changes);
      return new Step(event, before, changes, Optional.empty());
    } catch (RuntimeException e) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS,
          "Event " + event.header().cursor() + " cannot be applied: " + e.getMessage(),
          e);
    }
  }

  private LoggedEvent next() {
    if (ahead.isEmpty()) {
      ahead.addAll(log.read(cursor, EventFilter.ALL, PAGE).events());
    }
    LoggedEvent event = ahead.poll();
    if (event == null || event.header().sequence() != cursor.sequence() + 1) {
      throw missing(cursor.sequence() + 1);
    }
    return event;
  }

  private LoggedEvent stored(long sequence) {
    return log.find(sequence).orElseThrow(() -> missing(sequence));
  }

  private static RuntimeFailure missing(long sequence) {
    return new RuntimeFailure(Kind.DATA_LOSS, "Event " + sequence + " is missing from the log");
  }

  @Override
  public void close() {
    base.ifPresent(Snapshot::close);
    base = Optional.empty();
  }
}
