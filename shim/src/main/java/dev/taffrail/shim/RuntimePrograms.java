package dev.taffrail.shim;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SealedPrograms;
import dev.taffrail.core.linux.SpawnRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has crun run from a sealed copy of itself. So that no container can overwrite the host's program
 * through /proc/self/exe (CVE-2019-5736), crun at each call makes a read-only view of itself and
 * starts anew from there, unless it runs from a file that cannot be changed anyway; see
 * cloned_binary.c of crun. Where such a copy cannot be made or run, the program itself is used.
 */
final class RuntimePrograms implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimePrograms.class);
  private static final long TRIAL_MILLIS = 10_000;

  private final SealedPrograms programs;
  private final Processes processes;
  private final Path links;
  private final Map<Path, Copy> copies = new HashMap<>();

  /** Those of replaced programs too: somebody may be about to run them. */
  private final List<SealedPrograms.Sealed> made = new ArrayList<>();

  /**
   * Nothing is copied before it is used.
   *
   * @param links an existing directory; in it copies have their program's name, by which processes
   *     are listed
   */
  RuntimePrograms(SealedPrograms programs, Processes processes, Path links) {
    this.programs = programs;
    this.processes = processes;
    this.links = links;
  }

  /** Which file a copy was made of. */
  private record Version(Object inode, long size, FileTime modified) {}

  private record Copy(Version version, Optional<Path> path) {}

  /** The same runtime, with the path of what to execute. */
  OciRuntime executable(OciRuntime runtime) {
    return runtime.isCrun()
        ? copyOf(Path.of(runtime.path()))
            .map(path -> new OciRuntime(runtime.name(), path.toString(), runtime.arguments()))
            .orElse(runtime)
        : runtime;
  }

  private synchronized Optional<Path> copyOf(Path program) {
    try {
      BasicFileAttributes now = Files.readAttributes(program, BasicFileAttributes.class);
      Version version = new Version(now.fileKey(), now.size(), now.lastModifiedTime());
      Copy copy = copies.get(program);
      if (copy == null || !copy.version().equals(version)) {
        copy = new Copy(version, seal(program));
        copies.put(program, copy);
      }
      return copy.path();
    } catch (IOException gone) {
      // Whoever starts it says so.
      return Optional.empty();
    }
  }

  private Optional<Path> seal(Path program) {
    try {
      SealedPrograms.Sealed sealed = programs.seal(program);
      made.add(sealed);
      Path link = links.resolve(program.getFileName());
      // An earlier daemon's leads nowhere.
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, sealed.path());
      if (runs(link)) {
        return Optional.of(link);
      }
      LOG.info("A sealed copy of {} cannot be run here: each call makes one of its own", program);
    } catch (RuntimeFailure | UncheckedIOException | IOException failure) {
      LOG.info("{} makes a copy of itself for each call: {}", program, failure.getMessage());
    }
    return Optional.empty();
  }

  /** Security modules may forbid it. */
  private boolean runs(Path copy) {
    SpawnRequest request =
        new SpawnRequest(
            List.of(copy.toString(), "--version"),
            RuntimeCommands.ENVIRONMENT,
            Path.of("/"),
            Map.of(),
            true);
    try (ProcessRef process = processes.spawn(request)) {
      return RuntimeCommands.await(process, copy + " --version", TRIAL_MILLIS) == 0;
    }
  }

  @Override
  public synchronized void close() {
    made.forEach(SealedPrograms.Sealed::close);
    made.clear();
    copies.clear();
  }
}
