package dev.taffrail.http.cli;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.testkit.Samples;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A log of containers' lives in the data root of a daemon that is not there. */
final class Voyage implements AutoCloseable {
  private static final long START = 1_800_000_000_000_000_000L;
  private static final Origin DOCKER = Origin.component("docker");

  private final EventLogs.Open open;
  private final AtomicLong clock = new AtomicLong(START);

  Voyage(Path dataRoot) {
    this(dataRoot, LogRetention.ALL);
  }

  Voyage(Path dataRoot, LogRetention retention) {
    open =
        EventLogs.open(
            new LogSettings(
                    dataRoot.resolve("log"),
                    LogMode.DURABLE,
                    clock::get,
                    new Random(42),
                    256,
                    1000,
                    10)
                .with(retention),
            Families.catalogue());
  }

  EventLog log() {
    return open.log();
  }

  /** Lets time pass. */
  void pass(long seconds) {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private Instant now() {
    return Instant.ofEpochSecond(clock.get() / 1_000_000_000, clock.get() % 1_000_000_000);
  }

  Cursor tell(Subject subject, Event... events) {
    return log()
        .submit(Command.request(DOCKER, view -> Decision.of(subject, events)))
        .join()
        .cursor();
  }

  /** Fills the log with runs of a container that has no part in the story, and truncates it. */
  void truncate() {
    create("ff9", "filler");
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (int run = 1; run <= 350; run++) {
      for (Event event :
          List.of(
              new ContainerEvent.TaskStarting(run),
              new ContainerEvent.TaskStarted(
                  new StartedTask(100, 1, 99, 1, Optional.empty()), now()),
              new ContainerEvent.TaskExited(
                  new TaskExit(0, now(), TaskExit.Reason.EXITED),
                  ContainerEvent.Learnt.LIVE,
                  Optional.empty()))) {
        last =
            log()
                .submit(
                    Command.request(
                        DOCKER, view -> Decision.of(ContainerEvent.subject("ff9"), event)));
      }
      last.join();
    }
    log().applyRetention().join();
  }

  Cursor create(String id, String name) {
    return tell(
        ContainerEvent.subject(id), new ContainerEvent.Created(name, Samples.specification(id)));
  }

  Cursor start(String id, int run) {
    tell(ContainerEvent.subject(id), new ContainerEvent.TaskStarting(run));
    return tell(
        ContainerEvent.subject(id),
        new ContainerEvent.TaskStarted(new StartedTask(100, 1, 99, 1, Optional.empty()), now()));
  }

  Cursor exit(String id, int code) {
    return tell(
        ContainerEvent.subject(id),
        new ContainerEvent.TaskExited(
            new TaskExit(code, now(), TaskExit.Reason.EXITED),
            ContainerEvent.Learnt.LIVE,
            Optional.empty()));
  }

  Cursor remove(String id) {
    tell(ContainerEvent.subject(id), new ContainerEvent.Removing(false));
    return tell(ContainerEvent.subject(id), new ContainerEvent.Removed());
  }

  @Override
  public void close() {
    try {
      open.closer().close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
