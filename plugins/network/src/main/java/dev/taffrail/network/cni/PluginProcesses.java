package dev.taffrail.network.cni;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.ProcessRef;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SpawnRequest;
import dev.taffrail.core.linux.SpawnRequest.Access;
import dev.taffrail.core.linux.SpawnRequest.Redirect;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs plugins, each to its end or to its time-out; no thread waits for them. What they read and
 * write are files of an own directory on tmpfs, by which a later daemon finds those that are still
 * at work. Confined to the plugin's context.
 */
final class PluginProcesses {
  private static final Logger LOG = LoggerFactory.getLogger(PluginProcesses.class);

  // See signal(7).
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;

  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_ERRORS = 4096;
  private static final Path PROC = Path.of("/proc");

  private final Context context;
  private final Processes processes;
  private final Path directory;
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Nothing is run yet.
   *
   * @param directory nobody else's
   */
  PluginProcesses(Context context, Processes processes, Path directory) {
    this.context = context;
    this.processes = processes;
    this.directory = directory;
  }

  /**
   * What came of a plugin.
   *
   * @param text its standard output
   * @param errors the end of what it wrote on standard error
   */
  record Output(int status, String text, String errors) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /** One that runs. */
  private static final class Run {
    private final ProcessRef process;
    private final Path files;
    private boolean late;

    Run(ProcessRef process, Path files) {
      this.process = process;
      this.files = files;
    }

    Path file(String ending) {
      return files.resolveSibling(files.getFileName() + ending);
    }
  }

  /**
   * Runs a program. DEADLINE_EXCEEDED when it does not end in time; then it has been killed, and
   * whatever it had started.
   *
   * @param what it is called in messages
   * @param program looked up on a worker thread
   * @param input it reads
   */
  Future<Output> run(
      String what,
      Supplier<Path> program,
      Map<String, String> environment,
      byte[] input,
      Duration timeout) {
    return context
        .executeBlocking(() -> start(program.get(), environment, input), false)
        .compose(
            run -> {
              long timer =
                  context.owner().setTimer(Math.max(1, timeout.toMillis()), id -> tooLate(run));
              return Future.fromCompletionStage(run.process.exit(), context)
                  .onComplete(ended -> context.owner().cancelTimer(timer))
                  .compose(
                      status ->
                          context.executeBlocking(() -> finish(what, run, status, timeout), false));
            });
  }

  private Run start(Path program, Map<String, String> environment, byte[] input)
      throws IOException {
    Path files = directory.resolve(Integer.toString(count.incrementAndGet()));
    Path in = files.resolveSibling(files.getFileName() + ".in");
    Files.write(in, input);
    SpawnRequest request =
        new SpawnRequest(
            List.of(program.toString()),
            environment,
            Path.of("/"),
            Map.of(
                0,
                new Redirect(in, Access.READ),
                1,
                new Redirect(files.resolveSibling(files.getFileName() + ".out"), Access.TRUNCATE),
                2,
                new Redirect(files.resolveSibling(files.getFileName() + ".err"), Access.TRUNCATE)),
            true);
    try {
      return new Run(processes.spawn(request), files);
    } catch (RuntimeFailure failure) {
      Files.deleteIfExists(in);
      throw failure;
    }
  }

  private void tooLate(Run run) {
    run.late = true;
    context
        .executeBlocking(
            () -> {
              kill(run.process);
              return null;
            },
            false)
        .onFailure(cause -> LOG.error("Cannot kill the plugin {}", run.process.pid(), cause));
  }

  /** With all that it has started, which would go on without it. */
  private static void kill(ProcessRef process) {
    // First stopped, so that it starts nothing more.
    signal(process, SIGSTOP);
    ProcessHandle.of(process.pid())
        .ifPresent(handle -> handle.descendants().forEach(ProcessHandle::destroyForcibly));
    signal(process, SIGKILL);
  }

  private static void signal(ProcessRef process, int number) {
    try {
      process.signal(number);
    } catch (RuntimeFailure failure) {
      if (failure.kind() != Kind.NOT_FOUND) {
        throw failure;
      }
    }
  }

  private static Output finish(String what, Run run, OptionalInt status, Duration timeout)
      throws IOException {
    try (run.process) {
      if (run.late) {
        throw new RuntimeFailure(
            Kind.DEADLINE_EXCEEDED,
            what + " did not end within " + timeout.toMillis() + " ms, and was killed");
      }
      Path out = run.file(".out");
      if (Files.size(out) > MOST_BYTES) {
        throw new RuntimeFailure(Kind.INTERNAL, what + " wrote more than " + MOST_BYTES + " bytes");
      }
      return new Output(status.orElse(255), Files.readString(out), end(run.file(".err")));
    } finally {
      for (String ending : List.of(".in", ".out", ".err")) {
        Files.deleteIfExists(run.file(ending));
      }
    }
  }

  private static String end(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long start = Math.max(0, channel.size() - MOST_ERRORS);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - start));
      int read = 0;
      while (bytes.hasRemaining() && read >= 0) {
        read = channel.read(bytes, start + bytes.position());
      }
      return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }
  }

  /**
   * Waits for the plugins of a daemon that was killed: what one of them is about to make can only
   * be taken away once it is there. Those that take too long are killed.
   */
  Future<Void> settle(Duration patience) {
    return context
        .executeBlocking(this::orphans, false)
        .compose(
            orphans -> {
              List<Future<?>> ended = new ArrayList<>();
              orphans.forEach(orphan -> ended.add(end(orphan, patience)));
              return Future.join(ended);
            })
        .compose(
            settled ->
                context.executeBlocking(
                    () -> {
                      clear();
                      return null;
                    },
                    false));
  }

  private Future<OptionalInt> end(ProcessRef orphan, Duration patience) {
    LOG.info("A CNI plugin of an earlier daemon is still at work: process {}", orphan.pid());
    long timer =
        context
            .owner()
            .setTimer(Math.max(1, patience.toMillis()), id -> tooLate(new Run(orphan, directory)));
    return Future.fromCompletionStage(orphan.exit(), context)
        .onComplete(
            ended -> {
              context.owner().cancelTimer(timer);
              orphan.close();
            });
  }

  private List<ProcessRef> orphans() throws IOException {
    List<ProcessRef> orphans = new ArrayList<>();
    Path own = directory.toRealPath();
    try (Stream<Path> all = Files.list(PROC)) {
      for (Path process : all.toList()) {
        String pid = process.getFileName().toString();
        if (Character.isDigit(pid.charAt(0)) && reads(process, own)) {
          processes.open(Integer.parseInt(pid)).ifPresent(orphans::add);
        }
      }
    }
    return orphans;
  }

  private static boolean reads(Path process, Path own) {
    try {
      return Files.readSymbolicLink(process.resolve("fd/0")).startsWith(own);
    } catch (IOException gone) {
      return false;
    }
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
