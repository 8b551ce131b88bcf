package dev.taffrail.http.cli;

import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.ArchivedLog;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.StoppedLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The files that are read in place of a daemon: a stopped one's, archived segments, or both. */
final class LogFiles {
  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "The data root of a stopped daemon, which is only read, in place of a daemon")
  private Path dataRoot;

  @Option(
      names = "--archive",
      paramLabel = "PATH",
      description = {
        "Archived segments of a log, a file or a directory, in place of a daemon; may be repeated.",
        "With --data-root, both as one log."
      })
  private List<Path> archives = List.of();

  boolean areGiven() {
    return dataRoot != null || !archives.isEmpty();
  }

  Optional<Path> dataRoot() {
    return Optional.ofNullable(dataRoot);
  }

  List<Path> archives() {
    return archives;
  }

  /** Runs {@code use} on the log, which is closed afterwards; they must be given. */
  <T> T read(Function<ReadableLog, T> use) {
    Optional<Path> directory = dataRoot().map(root -> root.resolve("log"));
    if (archives.isEmpty()) {
      try (StoppedLog log = StoppedLog.open(directory.orElseThrow(), Families.catalogue())) {
        return use.apply(log);
      }
    }
    try (ArchivedLog log = ArchivedLog.open(archives, directory, Families.catalogue())) {
      return use.apply(log);
    }
  }
}
