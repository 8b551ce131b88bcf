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

  /** What follows {@code sequence}, at most {@code max}; empty when storage must be asked. */
  synchronized Optional<List<Appended>> after(long sequence, int max) {
    if (sequence + 1 < first) {
      return Optional.empty();
    }
    List<Appended> events = new ArrayList<>();
    for (long next = sequence + 1; next <= last && events.size() < max; next++) {
      events.add(ring[index(next)]);
    }
    return Optional.of(events);
  }

  private int index(long sequence) {
    return (int) (sequence % ring.length);
  }
}
