package dev.taffrail.core.plugin;

import dev.taffrail.core.event.Origin;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Travels with a call from plugin to plugin: who asked, under which correlation, caused by which
 * event, until when, and whether the caller still wants the answer. A cancelled or expired call may
 * still take effect.
 */
public final class CallContext {
  private final Origin origin;
  private final OptionalLong cause;
  private final OptionalLong deadlineNanoTime;
  private final CompletableFuture<Void> cancelled;

  private CallContext(
      Origin origin,
      OptionalLong cause,
      OptionalLong deadlineNanoTime,
      CompletableFuture<Void> cancelled) {
    this.origin = Objects.requireNonNull(origin, "origin");
    this.cause = cause;
    this.deadlineNanoTime = deadlineNanoTime;
    this.cancelled = cancelled;
  }

  /** Without deadline or cause, not cancelled. */
  public static CallContext of(Origin origin) {
    return new CallContext(
        origin, OptionalLong.empty(), OptionalLong.empty(), new CompletableFuture<>());
  }

  /** For something a part of the daemon does on its own, under a new correlation. */
  public static CallContext component(String name) {
    return of(Origin.component(name));
  }

  public Origin origin() {
    return origin;
  }

  /** The sequence of the event that led to this call. */
  public OptionalLong cause() {
    return cause;
  }

  /** The same call, on behalf of the event {@code sequence}; cancelled together with this one. */
  public CallContext causedBy(long sequence) {
    return new CallContext(origin, OptionalLong.of(sequence), deadlineNanoTime, cancelled);
  }

  /**
   * The same call with a deadline, unless it has an earlier one; cancelled together with this one.
   */
  public CallContext within(Duration timeout) {
    long candidate = System.nanoTime() + timeout.toNanos();
    boolean earlier = deadlineNanoTime.isEmpty() || candidate - deadlineNanoTime.getAsLong() < 0;
    return earlier ? new CallContext(origin, cause, OptionalLong.of(candidate), cancelled) : this;
  }

  /**
   * The same origin and cause without deadline or cancellation: for work that outlives its caller.
   */
  public CallContext detached() {
    return new CallContext(origin, cause, OptionalLong.empty(), new CompletableFuture<>());
  }

  /** Time left, perhaps negative; empty without a deadline. */
  public Optional<Duration> remaining() {
    return deadlineNanoTime.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(deadlineNanoTime.getAsLong() - System.nanoTime()));
  }

  /** Tells everyone who works on this call that its caller has gone. Idempotent. */
  public void cancel() {
    cancelled.complete(null);
  }

  public boolean isCancelled() {
    return cancelled.isDone();
  }

  /** Runs {@code action} once when the call is cancelled; at once when it is already. */
  public void onCancel(Runnable action) {
    var unused = cancelled.thenRun(action);
  }
}
