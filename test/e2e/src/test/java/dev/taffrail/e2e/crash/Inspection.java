package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks at a daemon and what it left on the host until all is as it must be. */
final class Inspection {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final DaemonProcess daemon;
  private final List<Invariant> invariants;
  private final LogBook log = new LogBook();

  Inspection(DaemonProcess daemon, List<Invariant> invariants) {
    this.daemon = daemon;
    this.invariants = invariants;
  }

  /** What has been read of the log. */
  LogBook log() {
    return log;
  }

  /** Waits until every invariant holds; AssertionError with what does not in five minutes. */
  void settle() throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      List<String> violations = violations();
      if (violations.isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(String.join("\n", violations));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private List<String> violations() throws IOException {
    Aftermath after = Aftermath.of(daemon, log);
    for (Invariant invariant : invariants) {
      List<String> violations = invariant.violations(after);
      if (!violations.isEmpty()) {
        return violations;
      }
    }
    return List.of();
  }

  /** State, history, indexes and chain equal a replay. */
  void verify() throws IOException {
    JsonNode report = daemon.api().send("POST", "/taffrail/v1/verify", new byte[0]).json();
    if (!report.path("ok").asBoolean()) {
      throw new AssertionError("State does not equal replay: " + report);
    }
  }
}
