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
}
