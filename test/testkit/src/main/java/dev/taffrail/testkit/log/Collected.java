package dev.taffrail.testkit.log;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** Remembers what a subscription delivers. */
public final class Collected implements Flow.Subscriber<Delivery> {
  private final long demand;
  private final CountDownLatch events;
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Long> sequences = new ArrayList<>();
  private final List<Cursor> bookmarks = new ArrayList<>();
  private Throwable error;

  public Collected(long demand, int events) {
    this.demand = demand;
    this.events = new CountDownLatch(events);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(demand);
  }

  @Override
  public synchronized void onNext(Delivery delivery) {
    if (delivery instanceof Delivery.Matched matched) {
      sequences.add(matched.event().header().sequence());
      events.countDown();
    } else {
      bookmarks.add(delivery.cursor());
    }
  }

  @Override
  public synchronized void onError(Throwable throwable) {
    error = throwable;
    end.countDown();
  }

  @Override
  public void onComplete() {
    end.countDown();
  }

  public void await() {
    await(events);
  }

  public void awaitEnd() {
    await(end);
  }

  private void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("Got only " + sequences + " and " + error);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public synchronized List<Long> sequences() {
    return List.copyOf(sequences);
  }

  public synchronized List<Cursor> bookmarks() {
    return List.copyOf(bookmarks);
  }

  public synchronized Throwable error() {
    return error;
  }
}
