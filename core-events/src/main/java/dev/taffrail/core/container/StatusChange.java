package dev.taffrail.core.container;

import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes the next status of a container from the one before; appliers name only what changes. */
final class StatusChange {
  private final String name;
  private Phase phase;
  private int run;
  private OptionalLong intent;
  private Optional<StartedTask> task;
  private Optional<Instant> startedAt;
  private Optional<Instant> finishedAt;
  private int exitCode;
  private String error;
  private Optional<TaskExit.Reason> exitReason;
  private boolean stopRequested;
  private Optional<StopOrder> stop;
  private int restarts;
  private Optional<Restart> restart;
  private Optional<RestartPolicy> changedPolicy;
  private Optional<Map<String, EndpointSettings>> changedEndpoints;

  StatusChange(ContainerStatus was) {
    name = was.name();
    phase = was.phase();
    run = was.run();
    intent = was.intent();
    task = was.task();
    startedAt = was.startedAt();
    finishedAt = was.finishedAt();
    exitCode = was.exitCode();
    error = was.error();
    exitReason = was.exitReason();
    stopRequested = was.stopRequested();
    stop = was.stop();
    restarts = was.restarts();
    restart = was.restart();
    changedPolicy = was.changedPolicy();
    changedEndpoints = was.changedEndpoints();
  }

  StatusChange phase(Phase next) {
    phase = next;
    return this;
  }

  /** An intent of this sequence is open. */
  StatusChange opens(long sequence) {
    intent = OptionalLong.of(sequence);
    return this;
  }

  /** No intent is open, and no task is there. */
  StatusChange closes() {
    intent = OptionalLong.empty();
    task = Optional.empty();
    return this;
  }

  /** How the run before has ended is forgotten. */
  StatusChange starting(int nextRun) {
    run = nextRun;
    task = Optional.empty();
    return ended(0, "", Optional.empty());
  }

  StatusChange started(StartedTask started, Instant at) {
    task = Optional.of(started);
    startedAt = Optional.of(at);
    finishedAt = Optional.empty();
    return ended(0, "", Optional.empty());
  }

  StatusChange finished(Instant at) {
    finishedAt = Optional.of(at);
    return this;
  }

  StatusChange ended(int code, String why, Optional<TaskExit.Reason> reason) {
    exitCode = code;
    error = why;
    exitReason = reason;
    return this;
  }

  StatusChange stopRequested(boolean requested) {
    stopRequested = requested;
    return this;
  }

  StatusChange stop(Optional<StopOrder> order) {
    stop = order;
    return this;
  }

  StatusChange restarts(int count) {
    restarts = count;
    return this;
  }

  StatusChange restart(Optional<Restart> next) {
    restart = next;
    return this;
  }

  StatusChange policy(RestartPolicy next) {
    changedPolicy = Optional.of(next);
    return this;
  }

  StatusChange endpoints(Map<String, EndpointSettings> next) {
    changedEndpoints = Optional.of(next);
    return this;
  }

  ContainerStatus done() {
    return new ContainerStatus(
        name,
        phase,
        run,
        intent,
        task,
        startedAt,
        finishedAt,
        exitCode,
        error,
        exitReason,
        stopRequested,
        stop,
        restarts,
        restart,
        changedPolicy,
        changedEndpoints);
  }
}
