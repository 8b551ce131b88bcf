package dev.taffrail.shim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An OCI runtime binary; see the OCI runtime specification, runtime.md, and its command line
 * interface as runc defines it.
 *
 * @param name as configured
 * @param path absolute
 * @param arguments given before every command
 */
record OciRuntime(String name, String path, List<String> arguments) {
  OciRuntime {
    arguments = List.copyOf(arguments);
  }

  /** Whether it takes crun's own annotations; see crun(1). Others get what all understand. */
  boolean isCrun() {
    try {
      return Path.of(path).toRealPath().getFileName().toString().equals("crun");
    } catch (IOException unresolved) {
      return false;
    }
  }

  /** The program, its own arguments, {@code global}, then {@code command}. */
  List<String> command(List<String> global, String... command) {
    List<String> line = new ArrayList<>();
    line.add(path);
    line.addAll(arguments);
    line.addAll(global);
    line.addAll(List.of(command));
    return line;
  }
}
