package dev.taffrail.core.log;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * The log of this daemon and the state derived from it. Every method may block on storage, except
 * {@link #submit}, {@link #head} and {@link #info}.
 */
public interface EventLog extends ReadableLog {
  /**
   * Queues a command. The stage completes on the writer thread once the command's group is
   * committed, so dependent stages must hop elsewhere at once; plugins use {@code
   * PluginContext.submit}, which does. It fails with the decider's rejection, UNAVAILABLE when the
   * queue is full or the log is closed, or OUTCOME_UNKNOWN when the write failed.
   */
  <R> CompletableFuture<Committed<R>> submit(Command<R> command);

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
   * Removes the payload of an event for good: from the event, the state, the history and the
   * answers to repeated requests. The event stays with its header, and the chain verifies. The
   * stage completes when that is durable; the bytes are gone from the files after the next {@link
   * #applyRetention}, unless a snapshot is open. NOT_FOUND when there is no such event; GONE when
   * it is truncated and not archived, or was lost at the end of an older epoch; OUT_OF_RANGE in an
   * epoch that has not begun; FAILED_PRECONDITION when later events could not follow it any more;
   * INVALID_ARGUMENT for a field that cannot be replaced.
   */
  CompletableFuture<Committed<LogEvent.Redacted>> redact(RedactionRequest request);

  /** What the log takes on disk. */
  LogStorage storage();

  /**
   * Truncates the log now, as its retention says, and cleans its files of what was redacted, rather
   * than when the log itself finds the time. The stage completes when that is done.
   */
  CompletableFuture<Void> applyRetention();
}
