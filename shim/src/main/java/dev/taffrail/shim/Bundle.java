package dev.taffrail.shim;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The files of one task, on tmpfs: the OCI bundle and what the monitor keeps beside it.
 *
 * @param directory named like the task
 */
record Bundle(Path directory) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  /** INVALID_ARGUMENT when {@code id} cannot be a file name of ours. */
  static Bundle of(Path runDirectory, String id) {
    if (!isId(id)) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a task id: " + id);
    }
    return new Bundle(runDirectory.resolve(id));
  }

  static boolean isId(String name) {
    return ID.matcher(name).matches();
  }

  String id() {
    return directory.getFileName().toString();
  }

  boolean exists() {
    return Files.isDirectory(directory);
  }

  Path configuration() {
    return directory.resolve("config.json");
  }

  Path rootfs() {
    return directory.resolve("rootfs");
  }

  /** Written by us: see {@link TaskRecord}. */
  Path record() {
    return directory.resolve("task.json");
  }

  /** The attach socket, made by the monitor. */
  Path attach() {
    return directory.resolve("attach");
  }

  /** A fifo for control messages, made by the monitor. */
  Path control() {
    return directory.resolve("ctl");
  }

  Path pidFile() {
    return directory.resolve("pidfile");
  }

  Path monitorPidFile() {
    return directory.resolve("conmon-pidfile");
  }

  /** A regular file in place of the monitor's sync pipe. */
  Path sync() {
    return directory.resolve("sync");
  }

  Path runtimeLog() {
    return directory.resolve("oci.log");
  }

  Path runtimeErrors() {
    return directory.resolve("runtime.err");
  }

  Path monitorErrors() {
    return directory.resolve("conmon.err");
  }

  Path exitDirectory() {
    return directory.resolve("exit");
  }

  Path exitFile() {
    return exitDirectory().resolve(id());
  }

  Path persistDirectory() {
    return directory.resolve("persist");
  }

  /** The monitor of Debian 12 leaves it in its working directory, later ones elsewhere. */
  boolean outOfMemory() {
    return Files.exists(persistDirectory().resolve("oom"))
        || Files.exists(directory.resolve("oom"));
  }
}
