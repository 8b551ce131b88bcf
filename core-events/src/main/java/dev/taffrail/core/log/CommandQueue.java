package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Commands on their way to the writer. Requests are refused when the queue and the room reserved
 * for outcomes fill it; outcomes never are, since their room was reserved with the intent.
 */
final class CommandQueue {
  private final int capacity;
  private final Deque<Pending<?>> waiting = new ArrayDeque<>();

  /** Reserved by events that are committed: first sequence of a command to what it has left. */
  private final TreeMap<Long, Room> rooms = new TreeMap<>();

  private int reserved;
  private boolean closed;
  private boolean nudged;

  /** A command and who waits for it. */
  record Pending<R>(Command<R> command, CompletableFuture<Committed<R>> reply) {
    void fail(Throwable cause) {
      reply.completeExceptionally(cause);
    }
  }

  private static final class Room {
    private final long last;
    private int left;

    Room(long last, int left) {
      this.last = last;
      this.left = left;
    }
  }

  CommandQueue(int capacity) {
    this.capacity = capacity;
  }

  /** UNAVAILABLE when there is no room for a request, or the log is closed. */
  synchronized void add(Pending<?> pending) {
    Command<?> command = pending.command();
    if (closed) {
      throw new RuntimeFailure(Kind.UNAVAILABLE, "The event log is closed");
    }
    boolean full = waiting.size() + reserved + 1 + command.outcomes() > capacity;
    if (full && command.lane() != Command.Lane.OUTCOME) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE,
          "The event log's queue is full: "
              + waiting.size()
              + " commands wait and "
              + reserved
              + " outcomes have reserved room, of "
              + capacity);
    }
    reserved += command.outcomes();
    waiting.add(pending);
    notifyAll();
  }

  /** Returns null after the timeout or a nudge, and at once when closed and empty. */
  synchronized Pending<?> take(long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (waiting.isEmpty() && !closed && !nudged) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
      if (left <= 0) {
        return null;
      }
      wait(left);
    }
    nudged = false;
    return waiting.poll();
  }

  /** Makes the writer look up from the queue. */
  synchronized void nudge() {
    nudged = true;
    notifyAll();
  }

  /** Returns null when nothing waits. */
  synchronized Pending<?> poll() {
    return waiting.poll();
  }

  /** The events {@code first} to {@code last} of a command that reserves room are committed. */
  synchronized void expectOutcomes(Command<?> command, long first, long last) {
    rooms.put(first, new Room(last, command.outcomes()));
  }

  /** A command has no effect: it was rejected, repeated, or its write failed. */
  synchronized void expectNoOutcomes(Command<?> command) {
    reserved -= command.outcomes();
  }

  /** A command is answered, in whatever way; an outcome gives its room back. */
  synchronized void answered(Command<?> command) {
    if (command.lane() == Command.Lane.OUTCOME && command.cause().isPresent()) {
      long cause = command.cause().getAsLong();
      Map.Entry<Long, Room> entry = rooms.floorEntry(cause);
      if (entry != null && cause <= entry.getValue().last) {
        reserved--;
        entry.getValue().left--;
        if (entry.getValue().left == 0) {
          rooms.remove(entry.getKey());
        }
      }
    }
  }

  /** Puts commands that were taken back before all others, in their order. */
  synchronized void putBack(List<Pending<?>> taken) {
    for (int i = taken.size() - 1; i >= 0; i--) {
      waiting.addFirst(taken.get(i));
    }
    notifyAll();
  }

  /** Takes out everything that is not an outcome. */
  synchronized List<Pending<?>> takeRequests() {
    List<Pending<?>> requests = new ArrayList<>();
    for (Pending<?> pending : waiting) {
      if (pending.command().lane() != Command.Lane.OUTCOME) {
        requests.add(pending);
        expectNoOutcomes(pending.command());
      }
    }
    waiting.removeAll(requests);
    return requests;
  }

  /** Returns early when the queue is closed. */
  synchronized void awaitClosed(long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    long left = timeoutMillis;
    while (!closed && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }
  }

  /** Refuses further commands; what waits is still to be taken. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Closes and returns what waits. */
  synchronized List<Pending<?>> abandon() {
    close();
    List<Pending<?>> left = new ArrayList<>(waiting);
    waiting.clear();
    return left;
  }
}
