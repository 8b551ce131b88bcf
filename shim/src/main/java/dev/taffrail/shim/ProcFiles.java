package dev.taffrail.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looking for processes in {@code /proc}; see proc(5). */
final class ProcFiles {
  private static final Path PROC = Path.of("/proc");

  private ProcFiles() {}

  /** Pids of the processes that have {@code argument} on their command line. */
  static List<Integer> processesWithArgument(String argument) {
    List<Integer> found = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path directory : directories) {
        String line = read(directory.resolve("cmdline"));
        if (List.of(line.split("\0", -1)).contains(argument)) {
          found.add(Integer.parseInt(directory.getFileName().toString()));
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot list " + PROC, failure);
    }
    return found;
  }

  /** Whether a process is in {@code cgroup} in some hierarchy. */
  static boolean inCgroup(int pid, String cgroup) {
    return read(PROC.resolve(Integer.toString(pid)).resolve("cgroup"))
        .lines()
        .anyMatch(line -> line.endsWith(":" + cgroup));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
