package dev.taffrail.core.log;

import dev.taffrail.testkit.log.Harbour;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Semaphore;

/** A process that writes until it is killed, and prints the sequence of each answer it got. */
final class KilledWriter {
  /** Enough that groups are decided while others are written. */
  private static final int IN_FLIGHT = 200;

  private KilledWriter() {}

  /** Starts one, in durable mode, whose answers can be read line by line. */
  static Process start(Path directory, long seed) throws IOException {
    return start(directory, seed, List.of());
  }

  /** Starts one that archives in {@code archive} all but the last thousand events or so. */
  static Process startArchiving(Path directory, long seed, Path archive) throws IOException {
    return start(directory, seed, List.of(archive.toString()));
  }

  private static Process start(Path directory, long seed, List<String> archive) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            KilledWriter.class.getName(),
            directory.toString(),
            Long.toString(seed),
            LogMode.DURABLE.name()));
    command.addAll(archive);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  public static void main(String... arguments) throws InterruptedException {
    Path directory = Path.of(arguments[0]);
    Random random = new Random(Long.parseLong(arguments[1]));
    LogMode mode = LogMode.valueOf(arguments[2]);
    LogSettings settings = Harbour.settings(directory, mode);
    if (arguments.length > 3) {
      LogRetention few =
          new LogRetention(
              Optional.empty(), OptionalLong.empty(), OptionalLong.of(1024), 1_000_000);
      settings = settings.with(few.archivedIn(Path.of(arguments[3])));
    }
    EventLog log = EventLogs.open(settings, Harbour.CATALOGUE).log();
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    while (true) {
      inFlight.acquire();
      String berth = "b" + random.nextInt(50);
      var unused =
          log.submit(Harbour.toggle(berth, "ship of " + berth))
              .whenComplete(
                  (committed, failure) -> {
                    inFlight.release();
                    if (failure == null) {
                      System.out.println(committed.cursor());
                    }
                  });
    }
  }
}
