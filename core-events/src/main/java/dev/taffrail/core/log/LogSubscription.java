package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One subscriber's way along the log. Whatever may let it go on (a commit, demand, a close) wakes
 * it; it then runs on the readers' executor, never twice at a time.
 */
final class LogSubscription implements Flow.Subscription {
  private static final int CHUNK = 256;

  private final Source source;
  private final EventFilter filter;
  private final Flow.Subscriber<? super Delivery> subscriber;
  private final Executor executor;
  private final LogSettings settings;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger wakes = new AtomicInteger();
  private volatile boolean done;
  private volatile Throwable refusal;

  // Below: only while running.
  private final Deque<LoggedEvent> chunk = new ArrayDeque<>();
  private Cursor at;
  private long passedOver;
  private boolean live;
  private long stalledAt = -1;

  /** Where subscriptions get their events. */
  interface Source {
    Cursor head();

    /**
     * At most {@code max} events after {@code cursor}; throws what {@link EventLog#read} throws.
     */
    List<LoggedEvent> after(Cursor cursor, int max);

    /** True once the log takes no more commands. */
    boolean isClosed();

    void ended(LogSubscription subscription);
  }

  LogSubscription(
      Source source,
      Cursor after,
      EventFilter filter,
      Flow.Subscriber<? super Delivery> subscriber,
      Executor executor,
      LogSettings settings) {
    this.source = source;
    this.at = after;
    this.filter = filter;
    this.subscriber = subscriber;
    this.executor = executor;
    this.settings = settings;
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      refusal = new IllegalArgumentException("Demand must be positive: " + n);
    } else {
      demand.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
    }
    wake();
  }

  @Override
  public void cancel() {
    done = true;
    source.ended(this);
  }

  void wake() {
    if (!done && wakes.getAndIncrement() == 0) {
      try {
        executor.execute(this::run);
      } catch (RejectedExecutionException e) {
        end(closed());
      }
    }
  }

  private void run() {
    int seen = wakes.get();
    do {
      advance();
      seen = wakes.addAndGet(-seen);
    } while (seen != 0);
  }

  private void advance() {
    try {
      while (!done) {
        if (refusal != null) {
          throw refusal;
        }
        if (demand.get() == 0) {
          checkLag();
          return;
        }
        stalledAt = -1;
        if (!step()) {
          return;
        }
      }
    } catch (Throwable e) {
      // While the log is opened again after a failed write: it wakes everyone afterwards.
      if (RuntimeFailure.kindOf(e) != Kind.UNAVAILABLE || source.isClosed()) {
        end(e);
      }
    }
  }

  /** Returns false when there is nothing to do until the next wake. */
  private boolean step() {
    if (chunk.isEmpty()) {
      chunk.addAll(source.after(at, CHUNK));
    }
    LoggedEvent event = chunk.poll();
    if (event == null) {
      return caughtUp();
    }
    at = event.header().cursor();
    if (filter.matches(event.header().type(), event.header().subject())) {
      deliver(new Delivery.Matched(event));
    } else {
      passedOver++;
      if (passedOver >= settings.bookmarkInterval()) {
        deliver(new Delivery.Bookmark(at, false));
      }
    }
    return true;
  }

  private boolean caughtUp() {
    if (!live) {
      live = true;
      deliver(new Delivery.Bookmark(at.equals(Cursor.START) ? source.head() : at, true));
      return true;
    }
    if (source.isClosed()) {
      throw closed();
    }
    return false;
  }

  private SubscriptionClosed closed() {
    return new SubscriptionClosed(at, "The event log is closed; resume after " + at, null);
  }

  private void deliver(Delivery delivery) {
    passedOver = 0;
    demand.decrementAndGet();
    subscriber.onNext(delivery);
  }

  private void checkLag() {
    long head = source.head().sequence();
    if (source.isClosed()) {
      throw closed();
    }
    if (stalledAt < 0) {
      stalledAt = head;
    } else if (head - stalledAt > settings.maxLag()) {
      throw new SubscriptionClosed(
          at,
          "Too slow: "
              + (head - stalledAt)
              + " events came while none was asked for; resume after "
              + at,
          null);
    }
  }

  private void end(Throwable cause) {
    if (!done) {
      done = true;
      source.ended(this);
      subscriber.onError(cause);
    }
  }
}
