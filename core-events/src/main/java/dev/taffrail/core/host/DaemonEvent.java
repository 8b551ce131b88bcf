package dev.taffrail.core.host;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Starts and stops of the daemon itself; the subject is {@code system/daemon/taffraild}. */
public sealed interface DaemonEvent extends Event {
  Subject SUBJECT = new Subject(Subject.SYSTEM_NAMESPACE, "daemon", "taffraild");

  /** One row, {@code taffraild}. */
  Table<DaemonState> DAEMON = Table.of("daemon", DaemonState.class);

  EventFamily<DaemonEvent> FAMILY =
      EventFamily.of(DaemonEvent.class)
          .tables(DAEMON)
          .on("dev.taffrail.daemon.started.v1", Started.class, DaemonEvent::started)
          .on("dev.taffrail.daemon.stopped.v1", Stopped.class, DaemonEvent::stopped)
          .build();

  private static void started(Rows rows, Started event) {
    rows.put(
        DAEMON,
        rows.subject().id(),
        new DaemonState(
            event.version(), event.pid(), event.kernelRelease(), rows.time(), Optional.empty()));
  }

  private static void stopped(Rows rows, Stopped event) {
    rows.update(
        DAEMON,
        rows.subject().id(),
        was ->
            new DaemonState(
                was.version(),
                was.pid(),
                was.kernelRelease(),
                was.startedAt(),
                Optional.of(rows.time())));
  }

  /**
   * The daemon has opened its log and is about to start its plugins. A start without a stop before
   * it means that the daemon was killed.
   */
  @About("The daemon has opened its log and is about to start its plugins.")
  record Started(String version, int pid, String kernelRelease) implements DaemonEvent {
    public Started {
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(kernelRelease, "kernelRelease");
    }
  }

  /** The daemon has stopped its plugins; containers run on. */
  @About("The daemon has stopped its plugins and is about to close its log; containers run on.")
  record Stopped() implements DaemonEvent {}

  /**
   * The last start; a state row.
   *
   * @param stoppedAt absent while it runs, and after it was killed
   */
  record DaemonState(
      String version,
      int pid,
      String kernelRelease,
      Instant startedAt,
      Optional<Instant> stoppedAt) {}
}
