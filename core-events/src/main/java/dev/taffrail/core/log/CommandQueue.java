package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Commands on their way to the writer. Requests are refused when the queue and the room reserved
 * for outcomes fill it; outcomes never are, since their room was reserved with the intent.
 */
final class CommandQueue {
  private final int capacity;
  private final Queue<Pending<?>> waiting = new ArrayDeque<>();

  /** Reserved by events that are committed: first sequence of a command to what it has left. */
  private final TreeMap<Long, Room> rooms = new TreeMap<>();

  private int reserved;
  private boolean closed;

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
    if (full && command.lane() == Command.Lane.REQUEST) {
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

  /** Returns null after the timeout, and at once when closed and empty. */
  synchronized Pending<?> take(long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (waiting.isEmpty() && !closed) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
      if (left <= 0) {
        return null;
      }
      wait(left);
    }
    return waiting.poll();
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
