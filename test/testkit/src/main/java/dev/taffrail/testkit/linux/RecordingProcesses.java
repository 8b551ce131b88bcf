package dev.taffrail.testkit.linux;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SpawnRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Starts nothing, and keeps a process table of its own. */
public final class RecordingProcesses implements Processes {
  private static final int FIRST_PID = 1000;

  private final Map<Integer, RecordedProcess> table = new HashMap<>();
  private final List<RecordedProcess> spawned = new ArrayList<>();
  private final Deque<RuntimeFailure> failures = new ArrayDeque<>();
  private Consumer<RecordedProcess> onSpawn = process -> {};
  private int lastPid = FIRST_PID;

  /** What a process does when it starts: write a file, end at once. */
  public synchronized void onSpawn(Consumer<RecordedProcess> action) {
    onSpawn = action;
  }

  /** The next spawn fails like this. */
  public synchronized void failNext(RuntimeFailure failure) {
    failures.add(failure);
  }

  /** What was spawned, in order. */
  public synchronized List<RecordedProcess> spawned() {
    return List.copyOf(spawned);
  }

  /** A process that is not our child; it replaces one with the same pid. */
  public synchronized RecordedProcess add(int pid, long startTicks) {
    RecordedProcess process = new RecordedProcess(pid, startTicks, Optional.empty());
    table.put(pid, process);
    return process;
  }

  @Override
  public ProcessRef spawn(SpawnRequest request) {
    RecordedProcess process;
    Consumer<RecordedProcess> action;
    synchronized (this) {
      RuntimeFailure failure = failures.poll();
      if (failure != null) {
        throw failure;
      }
      lastPid++;
      process = new RecordedProcess(lastPid, lastPid * 10L, Optional.of(request));
      table.put(lastPid, process);
      spawned.add(process);
      action = onSpawn;
    }
    action.accept(process);
    return process;
  }

  @Override
  public synchronized Optional<ProcessRef> open(int pid) {
    return Optional.ofNullable(table.get(pid))
        .filter(RecordedProcess::isAlive)
        .map(process -> process);
  }

  @Override
  public Optional<ProcessRef> open(int pid, long startTicks) {
    return open(pid).filter(process -> process.startTicks() == startTicks);
  }
}
