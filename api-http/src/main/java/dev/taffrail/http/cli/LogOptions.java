package dev.taffrail.http.cli;

import dev.taffrail.core.host.Families;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.StoppedLog;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Which log a command reads. */
final class LogOptions {
  @ParentCommand private TaffrailCommand parent;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "The data root of a stopped daemon, which is only read, in place of a daemon")
  private Path dataRoot;

  /** The directory of a stopped daemon, if that is what is read. */
  Optional<Path> dataRoot() {
    return Optional.ofNullable(dataRoot);
  }

  /** Runs {@code use} on the log, which is closed afterwards. */
  <T> T read(Function<ReadableLog, T> use) {
    if (dataRoot == null) {
      try (Remote remote = parent.connect()) {
        return use.apply(new RemoteLog(remote));
      }
    }
    try (StoppedLog log = StoppedLog.open(dataRoot.resolve("log"), Families.catalogue())) {
      return use.apply(log);
    }
  }
}
