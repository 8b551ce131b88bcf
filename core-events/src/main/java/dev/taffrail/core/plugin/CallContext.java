package dev.taffrail.core.plugin;

import dev.taffrail.core.event.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Travels with a call from plugin to plugin: who asked, under which correlation, caused by which
 * event, until when, and whether the caller still wants the answer. A cancelled or expired call may
 * still take effect.
 */
public final class CallContext {
  private final Origin origin;
  private final OptionalLong cause;
  private final OptionalLong deadlineNanoTime;
  private final Cancellation cancellation;

  private CallContext(
      Origin origin, OptionalLong cause, OptionalLong deadlineNanoTime, Cancellation cancellation) {
    this.origin = Objects.requireNonNull(origin, "origin");
    this.cause = cause;
    this.deadlineNanoTime = deadlineNanoTime;
    this.cancellation = cancellation;
  }

  /** Without deadline or cause, not cancelled. */
  public static CallContext of(Origin origin) {
    return new CallContext(origin, OptionalLong.empty(), OptionalLong.empty(), new Cancellation());
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
    return new CallContext(origin, OptionalLong.of(sequence), deadlineNanoTime, cancellation);
  }

  /**
   * The same call with a deadline, unless it has an earlier one; cancelled together with this one.
   */
  public CallContext within(Duration timeout) {
    long candidate = System.nanoTime() + timeout.toNanos();
    boolean earlier = deadlineNanoTime.isEmpty() || candidate - deadlineNanoTime.getAsLong() < 0;
    return earlier
        ? new CallContext(origin, cause, OptionalLong.of(candidate), cancellation)
        : this;
  }

  /**
   * The same origin and cause without deadline or cancellation: for work that outlives its caller.
   */
  public CallContext detached() {
    return new CallContext(origin, cause, OptionalLong.empty(), new Cancellation());
  }

  /** Time left, perhaps negative; empty without a deadline. */
  public Optional<Duration> remaining() {
    return deadlineNanoTime.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(deadlineNanoTime.getAsLong() - System.nanoTime()));
  }

  /** Tells everyone who works on this call that its caller has gone. Idempotent. */
  public void cancel() {
    cancellation.cancel();
  }

  public boolean isCancelled() {
    return cancellation.cancelled;
  }

  /**
   * Runs {@code action} once when the call is cancelled; at once when it is already. Whoever
   * registers often under one long-lived context removes the registration when its work is done.
   */
  public Registration onCancel(Runnable action) {
    return cancellation.register(action);
  }

  /** An action that waits for a cancellation. */
  public interface Registration {
    /** Forgets the action unless it has run. Idempotent. */
    void remove();
  }

  /** What a call and all calls derived from it share. */
  private static final class Cancellation {
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private volatile boolean cancelled;

    Registration register(Runnable action) {
      Waiting added = new Waiting(this, action);
      synchronized (waiting) {
        if (!cancelled) {
          waiting.add(added);
          return added;
        }
      }
      action.run();
      return added;
    }

    void cancel() {
      List<Waiting> due;
      synchronized (waiting) {
        cancelled = true;
        due = new ArrayList<>(waiting);
        waiting.clear();
      }
      RuntimeException first = null;
      for (Waiting next : due) {
        try {
          next.action.run();
        } catch (RuntimeException e) {
          // One careless action must not keep the others from hearing of it.
          if (first == null) {
            first = e;
          } else {
            first.addSuppressed(e);
          }
        }
      }
      if (first != null) {
        throw first;
      }
    }
  }

  /** Compared by identity: the same action may wait twice. */
  private static final class Waiting implements Registration {
    private final Cancellation cancellation;
    private final Runnable action;

    Waiting(Cancellation cancellation, Runnable action) {
      this.cancellation = cancellation;
      this.action = Objects.requireNonNull(action, "action");
    }

    @Override
    public void remove() {
      synchronized (cancellation.waiting) {
        cancellation.waiting.remove(this);
      }
    }
  }
}
