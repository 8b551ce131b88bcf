package dev.taffrail.http.cli;

import dev.taffrail.core.log.ReadableLog;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Which log a command reads. */
final class LogOptions {
  @ParentCommand private TaffrailCommand parent;

  @Mixin private LogFiles files;

  /** What is read in place of a daemon, if anything. */
  LogFiles files() {
    return files;
  }

  /** Runs {@code use} on the log, which is closed afterwards. */
  <T> T read(Function<ReadableLog, T> use) {
    if (files.areGiven()) {
      return files.read(use);
    }
    try (Remote remote = parent.connect()) {
      return use.apply(new RemoteLog(remote));
    }
  }
}
