package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A line of {@code /proc/<pid>/stat}; see proc_pid_stat(5).
 *
 * @param state {@code Z} for a process that ended and whose parent has not asked
 * @param startTicks field 22, clock ticks after boot
 * @param waitStatus field 52 as waitpid(2) gives it; means something for {@code Z} only
 */
record ProcessStat(char state, long startTicks, int waitStatus) {
  private static final int STATE = 3;
  private static final int START_TIME = 22;
  private static final int EXIT_CODE = 52;

  /** Empty when there is no such process. */
  static Optional<ProcessStat> read(int pid) {
    try {
      byte[] line = ProcFile.read("/proc/" + pid + "/stat", "read the state of process " + pid);
      return Optional.of(parse(new String(line, StandardCharsets.ISO_8859_1)));
    } catch (RuntimeFailure failure) {
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** Field 2, the command, holds whatever its owner likes; the last parenthesis ends it. */
  static ProcessStat parse(String line) {
    String[] fields = line.substring(line.lastIndexOf(')') + 2).trim().split(" ", -1);
    return new ProcessStat(
        fields[0].charAt(0),
        Long.parseLong(fields[START_TIME - STATE]),
        Integer.parseInt(fields[EXIT_CODE - STATE]));
  }
}
