package dev.taffrail.core.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The events committed last, so that live readers need not go to storage. */
final class RecentEvents {
  private final Appended[] ring;

  /** Of the newest event; those before it down to {@code first} are in the ring. */
  private long last;

  private long first;

  RecentEvents(int capacity, long head) {
    ring = new Appended[capacity];
    reset(head);
  }

  /** Forgets everything; the next event follows {@code head}. */
  final synchronized void reset(long head) {
    last = head;
    first = head + 1;
  }

  synchronized void add(List<Appended> events) {
    for (Appended event : events) {
      last = event.header().sequence();
      ring[index(last)] = event;
      first = Math.max(first, last - ring.length + 1);
    }
  }

  /**
   * What follows {@code sequence} up to {@code head}, at most {@code max}; empty when storage must
   * be asked. Events come here before the log's head moves on, and no reader may get ahead of it.
   */
  synchronized Optional<List<Appended>> after(long sequence, long head, int max) {
    if (sequence + 1 < first) {
      return Optional.empty();
    }
    List<Appended> events = new ArrayList<>();
    long end = Math.min(last, head);
    for (long next = sequence + 1; next <= end && events.size() < max; next++) {
      events.add(ring[index(next)]);
    }
    return Optional.of(events);
  }

  private int index(long sequence) {
    return (int) (sequence % ring.length);
  }
}
