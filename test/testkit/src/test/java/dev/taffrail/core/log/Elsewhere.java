package dev.taffrail.core.log;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.Restart;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.host.DaemonEvent;
import dev.taffrail.core.host.Families;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.task.TaskExit;
import dev.taffrail.testkit.Samples;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process of another JVM, time zone, locale or charset that writes the log of the test, or
 * replays it. It prints the hash of the state.
 */
final class Elsewhere {
  private static final int CONTAINERS = 60;

  private Elsewhere() {}

  public static void main(String... arguments) {
    Path directory = Path.of(arguments[1]);
    if (arguments[0].equals("write")) {
      write(directory);
    }
    System.out.println(LogReplay.inMemory(directory, Families.catalogue()).stateHash());
    VerifyReport report = LogVerifier.verify(directory, Families.catalogue());
    report.problems().forEach(System.out::println);
  }

  /** Lives of containers whose words and numbers locales would have their own way with. */
  static void write(Path directory) {
    AtomicLong clock = new AtomicLong(1_700_000_000_000_000_000L);
    EventLogs.Open open =
        EventLogs.open(
            new LogSettings(
                directory,
                LogMode.RELAXED,
                () -> clock.addAndGet(1_000_003),
                new Random(42),
                256,
                1000,
                10),
            Families.catalogue());
    try {
      course(open.log());
    } finally {
      close(open);
    }
  }

  private static void close(EventLogs.Open open) {
    try {
      open.closer().close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void course(EventLog log) {
    tell(log, DaemonEvent.SUBJECT, new DaemonEvent.Started("I-1.İ", 1234567, "6.1.0-İstanbul"));
    tell(
        log,
        Subject.of("images", Samples.IMAGE.id().toString()),
        new ImageEvent.Created(Samples.IMAGE, ImageEvent.Source.IMPORT));
    for (int i = 0; i < CONTAINERS; i++) {
      live(log, i);
    }
  }

  private static void live(EventLog log, int number) {
    Random random = new Random(number);
    String id = "ıİi-ß-" + number + "-" + Long.toHexString(random.nextLong());
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      labels.append(i == 0 ? "" : ",");
      labels.append("\"TITLE.").append(random.nextInt()).append("\":\"ǅ ﬁ ").append(i).append('"');
    }
    ContainerSpecification specification =
        Samples.specification(
            id,
            "\"labels\": {"
                + labels
                + "}, \"sharedMemory\": \""
                + random.nextInt(1 << 30)
                + "\", \"restartPolicy\": {\"mode\": \"on_failure\", \"maximumRetries\": 3}");
    Subject subject = ContainerEvent.subject(id);
    Instant at = Instant.ofEpochSecond(1_700_000_000L + number, 120_000_000);
    tell(log, subject, new ContainerEvent.Created("SHIP-I-" + number, specification));
    tell(log, subject, new ContainerEvent.TaskStarting(1));
    tell(log, subject, new ContainerEvent.TaskStarted(Samples.TASK, at));
    Optional<Restart> restart =
        number % 3 == 0 ? Optional.of(new Restart(1, 100, at.plusMillis(100))) : Optional.empty();
    tell(
        log,
        subject,
        new ContainerEvent.TaskExited(
            new TaskExit(number, at.plusSeconds(1), TaskExit.Reason.OUT_OF_MEMORY),
            ContainerEvent.Learnt.AFTER_RESTART,
            restart));
    if (number % 5 == 1) {
      tell(log, subject, new ContainerEvent.Removing(true));
      tell(log, subject, new ContainerEvent.Removed());
    }
  }

  private static void tell(EventLog log, Subject subject, Event event) {
    log.submit(Command.request(Origin.component("test"), view -> Decision.of(subject, event)))
        .join();
  }
}
