package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A log and the state at every moment of it, to be read: that of this daemon, or of a stopped one.
 * Every method may block on storage, except {@link #head} and {@link #info}.
 */
public interface ReadableLog {
  Cursor head();

  LogInfo info();

  EventCatalogue catalogue();

  /** A consistent view of current state that says its offset. */
  Snapshot snapshot();

  /** GONE below the oldest kept moment or inside a hole; OUT_OF_RANGE above the head. */
  Snapshot asOf(Cursor cursor);

  /** Runs {@code reading} on a snapshot and closes it. */
  default <T> T read(Function<StateView, T> reading) {
    try (Snapshot snapshot = snapshot()) {
      return reading.apply(snapshot);
    }
  }

  /** Runs {@code reading} on the state as of {@code moment}; fails as {@link #asOf} does. */
  default <T> T readAsOf(Cursor moment, Function<StateView, T> reading) {
    try (Snapshot snapshot = asOf(moment)) {
      return reading.apply(snapshot);
    }
  }

  /**
   * At most {@code limit} matching events after {@code after}, having looked at a bounded number of
   * events. GONE when {@code after} lies below the oldest event, in a hole, or in an older epoch
   * above its loss; OUT_OF_RANGE above the head.
   */
  Page read(Cursor after, EventFilter filter, int limit);

  /**
   * Where a reader goes on that {@link #read} refuses since what comes next is lost or truncated:
   * after the hole, or with the oldest event. Otherwise {@code after} itself.
   */
  default Cursor resume(Cursor after) {
    return after;
  }

  /** One event by its sequence; empty above the head, below the oldest event or in a hole. */
  Optional<LoggedEvent> find(long sequence);

  /** What stands in for the payload of a redacted event; empty for another, or when unknown. */
  default Optional<String> substitute(long sequence) {
    return read(
        state ->
            state
                .find(LogEvent.REDACTIONS, Subject.SYSTEM_NAMESPACE, LogEvent.rowId(sequence))
                .map(LogEvent.Redacted::substitute));
  }

  /** The payload of an event as appliers take it: its substitute when it is redacted. */
  default Optional<String> payload(LoggedEvent event) {
    return event.payload().or(() -> substitute(event.header().sequence()));
  }

  /**
   * Where what was truncated is, for people who ask for what this log does not know; empty while it
   * is whole.
   */
  default Optional<String> beyond() {
    return Optional.empty();
  }

  /** The cursor that makes a reader start with the oldest stored event. */
  Cursor oldest();

  /**
   * The cursor of the event with this sequence. GONE below the oldest kept moment or inside a hole;
   * OUT_OF_RANGE above the head.
   */
  Cursor at(long sequence);

  /**
   * The cursor of the last event at or before {@code time}; {@link Cursor#START} before the first
   * event of a log that is whole. GONE when the events of then are no longer kept, or lost.
   */
  Cursor at(Instant time);

  /**
   * A moment as people write it: a cursor {@code <epoch>-<sequence>}, a sequence, {@code head},
   * {@code oldest}, or a time in RFC 3339. INVALID_ARGUMENT for anything else; otherwise as {@link
   * #asOf}, {@link #at(long)} and {@link #at(Instant)}: what comes back is a moment of this log.
   */
  default Cursor moment(String text) {
    return Moments.moment(this, text);
  }

  /**
   * Where a reader begins, written as a {@link #moment}. A cursor is taken as it is, for {@link
   * #read} to check, which takes {@link Cursor#START} for the oldest event.
   */
  default Cursor position(String text) {
    return Moments.position(this, text);
  }

  /**
   * An event as people name it: its cursor, or its sequence, which is then that of the log as it is
   * now. INVALID_ARGUMENT for anything else. Whether there is such an event is not looked at.
   */
  default Cursor event(String text) {
    return Moments.event(this, text);
  }

  /** Other ways into the log than by sequence; UNIMPLEMENTED where only events can be read. */
  default LogIndex index() {
    throw new RuntimeFailure(Kind.UNIMPLEMENTED, "This log cannot be searched");
  }

  /**
   * Replays the log as it is now and compares; see {@link VerifyReport}. Takes a core for about a
   * second per 100,000 events; the log goes on meanwhile.
   */
  CompletableFuture<VerifyReport> verify();

  /**
   * Verifies what came after the last beacon of these appliers, and the state as it is; as {@link
   * #verify} when there is no such beacon. Takes about as long as reading the state.
   */
  default CompletableFuture<VerifyReport> verifyRecent() {
    return verify();
  }
}
