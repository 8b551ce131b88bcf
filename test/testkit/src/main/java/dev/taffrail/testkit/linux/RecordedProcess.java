package dev.taffrail.testkit.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.SpawnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** A process that lives until a test ends it; all handles of it are this one object. */
public final class RecordedProcess implements ProcessRef {
  private final int pid;
  private final long startTicks;
  private final Optional<SpawnRequest> request;
  private final CompletableFuture<OptionalInt> exit = new CompletableFuture<>();
  private final List<Integer> signals = new ArrayList<>();
  private IntConsumer onSignal = number -> {};

  RecordedProcess(int pid, long startTicks, Optional<SpawnRequest> request) {
    this.pid = pid;
    this.startTicks = startTicks;
    this.request = request;
  }

  /** How it was spawned; empty when it was there before. */
  public Optional<SpawnRequest> request() {
    return request;
  }

  /** The signals it got. */
  public synchronized List<Integer> signals() {
    return List.copyOf(signals);
  }

  /** What it does about the signals to come; by default it ignores all of them. */
  public synchronized void onSignal(IntConsumer action) {
    onSignal = action;
  }

  /** Ends it; {@code status} is 0 to 255, or 128 + signal. */
  public void end(int status) {
    exit.complete(OptionalInt.of(status));
  }

  /** Ends it so that the kernel does not tell how. */
  public void endUnknown() {
    exit.complete(OptionalInt.empty());
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public long startTicks() {
    return startTicks;
  }

  @Override
  public boolean isAlive() {
    return !exit.isDone();
  }

  @Override
  public void signal(int number) {
    IntConsumer action;
    synchronized (this) {
      if (!isAlive()) {
        throw new RuntimeFailure(
            Kind.NOT_FOUND,
            "Cannot send signal " + number + " to process " + pid + ": it has ended");
      }
      signals.add(number);
      action = onSignal;
    }
    action.accept(number);
  }

  @Override
  public CompletableFuture<OptionalInt> exit() {
    return exit.copy();
  }

  @Override
  public void close() {}
}
