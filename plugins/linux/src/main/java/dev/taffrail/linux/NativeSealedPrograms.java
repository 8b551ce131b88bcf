package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EINVAL;
import static dev.taffrail.linux.Native.F_ADD_SEALS;
import static dev.taffrail.linux.Native.F_SEAL_GROW;
import static dev.taffrail.linux.Native.F_SEAL_SEAL;
import static dev.taffrail.linux.Native.F_SEAL_SHRINK;
import static dev.taffrail.linux.Native.F_SEAL_WRITE;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MFD_ALLOW_SEALING;
import static dev.taffrail.linux.Native.MFD_CLOEXEC;
import static dev.taffrail.linux.Native.MFD_EXEC;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.SealedPrograms;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

/** Copies in memory, reached by others through our entry in proc(5). */
final class NativeSealedPrograms implements SealedPrograms {
  private static final int SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

  @Override
  public Sealed seal(Path program) {
    String action = "seal a copy of " + program;
    int file = create(program.getFileName().toString(), action);
    try {
      Path own = Path.of("/proc/self/fd/" + file);
      try (OutputStream copy = Files.newOutputStream(own, StandardOpenOption.WRITE)) {
        Files.copy(program, copy);
      }
      Native.check(LIBC.fcntl(file, F_ADD_SEALS, SEALS), action);
      Path path = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + file);
      if (!Files.isExecutable(path)) {
        throw new RuntimeFailure(Kind.UNIMPLEMENTED, "Cannot " + action + " that can be executed");
      }
      return new NativeSealed(file, path);
    } catch (IOException failure) {
      LIBC.close(file);
      throw new UncheckedIOException("Cannot " + action, failure);
    } catch (RuntimeFailure failure) {
      LIBC.close(file);
      throw failure;
    }
  }

  private static int create(String name, String action) {
    try (Arguments arguments = new Arguments()) {
      int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      int file = LIBC.memfd_create(arguments.string(name), flags | MFD_EXEC);
      if (file < 0 && Native.errno() == EINVAL) {
        // Before Linux 6.3 all of them can be executed, and there is no flag that says so.
        file = LIBC.memfd_create(arguments.string(name), flags);
      }
      return Native.check(file, action);
    }
  }

  private static final class NativeSealed implements Sealed {
    private final int file;
    private final Path path;
    private final AtomicBoolean open = new AtomicBoolean(true);

    NativeSealed(int file, Path path) {
      this.file = file;
      this.path = path;
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public void close() {
      if (open.getAndSet(false)) {
        LIBC.close(file);
      }
    }
  }
}
