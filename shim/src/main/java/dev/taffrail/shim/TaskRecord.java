package dev.taffrail.shim;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.taffrail.core.task.StartedTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * What a later daemon must know about a task and cannot ask the kernel; {@code task.json} in the
 * bundle. It is written before anything is mounted or started, and again with the processes before
 * create answers.
 *
 * @param runtime path of the OCI runtime
 * @param runtimeArguments before the runtime's own command
 * @param program the first argument, for messages
 * @param cgroup below the root of every hierarchy
 * @param pid 0 while unknown, as are the three after it
 */
record TaskRecord(
    String runtime,
    List<String> runtimeArguments,
    String program,
    String cgroup,
    boolean terminal,
    boolean openStdin,
    boolean stdinOnce,
    int pid,
    long pidStartTicks,
    int monitorPid,
    long monitorStartTicks) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  TaskRecord {
    runtimeArguments = List.copyOf(runtimeArguments);
  }

  TaskRecord withProcesses(int pid, long pidTicks, int monitorPid, long monitorTicks) {
    return new TaskRecord(
        runtime,
        runtimeArguments,
        program,
        cgroup,
        terminal,
        openStdin,
        stdinOnce,
        pid,
        pidTicks,
        monitorPid,
        monitorTicks);
  }

  boolean hasProcesses() {
    return pid > 0;
  }

  StartedTask started() {
    return new StartedTask(pid, pidStartTicks, monitorPid, monitorStartTicks, Optional.of(cgroup));
  }

  /** Replaces the file in one step. */
  void write(Path file) {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.write(temporary, JSON.writeValueAsBytes(this));
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write " + file, failure);
    }
  }

  /** Empty when there is none. */
  static Optional<TaskRecord> read(Path file) {
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), TaskRecord.class));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }
}
