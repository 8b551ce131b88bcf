package dev.taffrail.core.log;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.StateView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * The log and the state derived from it. Every method may block on storage, except {@link #submit},
 * {@link #head} and {@link #info}.
 */
public interface EventLog {
  /**
   * Queues a command. The stage completes on the writer thread once the command's group is
   * committed, so dependent stages must hop elsewhere at once; plugins use {@code
   * PluginContext.submit}, which does. It fails with the decider's rejection, UNAVAILABLE when the
   * queue is full or the log is closed, or OUTCOME_UNKNOWN when the write failed.
   */
  <R> CompletableFuture<Committed<R>> submit(Command<R> command);

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

  /**
   * At most {@code limit} matching events after {@code after}, having looked at a bounded number of
   * events. GONE when {@code after} lies below the oldest event, in a hole, or in an older epoch
   * above its loss; OUT_OF_RANGE above the head.
   */
  Page read(Cursor after, EventFilter filter, int limit);

  /** One event by its sequence; empty above the head or in a hole. */
  Optional<LoggedEvent> find(long sequence);

  /** The cursor that makes a reader start with the oldest stored event. */
  Cursor oldest();

  /**
   * Catch-up from {@code after}, then live, without gap or duplicate. A subscriber that lets more
   * than {@link LogSettings#maxLag} events pile up without demand gets {@code onError} with a
   * {@link SubscriptionClosed} that carries the cursor to resume from. Signals come on a log thread
   * and must not block.
   */
  Flow.Publisher<Delivery> subscribe(Cursor after, EventFilter filter);

  /** The stored position of a durable consumer. */
  Optional<Cursor> consumer(String name);

  /** Stores a position; durable when the stage completes. */
  CompletableFuture<Void> storeConsumer(String name, Cursor cursor);

  /**
   * Replays the log as it is now and compares; see {@link VerifyReport}. Takes a core for about a
   * second per 100,000 events; the log goes on meanwhile.
   */
  CompletableFuture<VerifyReport> verify();
}
