package dev.taffrail.testkit.daemon;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A {@code taffraild} from the built image, with a data root, exec root, socket and network
 * namespace of its own. Closing removes its containers, ends it, and removes what mounts and files
 * are left.
 */
public final class DaemonProcess implements AutoCloseable {
  private static final int START_SECONDS = 120;

  private final Path directory;
  private final Path home;
  private final Map<String, String> variables;
  private final List<String> options;
  private final Runnable beforeRemoval;
  private final NetworkNamespace network;
  private Process process;

  private DaemonProcess(
      Path directory,
      NetworkNamespace network,
      Map<String, String> variables,
      Runnable beforeRemoval,
      List<String> options) {
    this.directory = directory;
    this.network = network;
    this.beforeRemoval = beforeRemoval;
    this.variables = Map.copyOf(variables);
    this.home = Path.of(System.getProperty("taffrail.home", "plugins/dist/target/taffrail"));
    this.options = options;
  }

  /** Starts one; it answers on its socket on return. */
  public static DaemonProcess start(String... options) {
    return start(Map.of(), options);
  }

  /** The same, with environment variables of its own. */
  public static DaemonProcess start(Map<String, String> variables, String... options) {
    try {
      Path directory = Files.createTempDirectory("taffrail-test");
      return start(directory, variables, () -> {}, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same in a directory of its own, which is removed with it.
   *
   * @param beforeRemoval what is to be done between the end of the daemon and that
   */
  public static DaemonProcess start(
      Path directory, Map<String, String> variables, Runnable beforeRemoval, String... options) {
    DaemonProcess daemon =
        new DaemonProcess(
            directory, NetworkNamespace.create(), variables, beforeRemoval, List.of(options));
    try {
      daemon.launch();
      return daemon;
    } catch (Throwable e) {
      daemon.end();
      throw e;
    }
  }

  private void launch() {
    // The last daemon's socket may answer for a moment after its death: a program that it was about
    // to start has a copy.
    Optional<FileTime> last = boundAt();
    launch(() -> !boundAt().equals(last) && answers());
  }

  private Optional<FileTime> boundAt() {
    try {
      return Optional.of(Files.getLastModifiedTime(socket()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path socket() {
    return directory.resolve("taffrail.sock");
  }

  private void launch(BooleanSupplier ready) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/taffraild").toString());
    command.addAll(
        List.of(
            "-H",
            host(),
            "--data-root",
            dataRoot().toString(),
            "--exec-root",
            execRoot().toString()));
    command.addAll(options);
    try {
      ProcessBuilder builder = new ProcessBuilder(network.entering(command));
      builder.environment().putAll(variables);
      process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
      await(ready);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void await(BooleanSupplier ready) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!ready.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("The daemon did not start:\n" + logText());
      }
      try {
        // Wakes early when the daemon dies.
        process.waitFor(20, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private boolean answers() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket()));
    } catch (IOException e) {
      return false;
    }
  }

  /** For {@code DOCKER_HOST} and {@code TAFFRAIL_HOST}. */
  public String host() {
    return "unix://" + socket();
  }

  public Path dataRoot() {
    return directory.resolve("data");
  }

  public Path execRoot() {
    return directory.resolve("run");
  }

  /** Requests without the cost of a command. */
  public ApiClient api() {
    return new ApiClient(socket());
  }

  /** The running, or last, process. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  public Path directory() {
    return directory;
  }

  /** Where its links, rules and ports are; it stays the same over restarts. */
  public NetworkNamespace network() {
    return network;
  }

  private Path log() {
    return directory.resolve("daemon.log");
  }

  /** What the daemon has printed. */
  public String logText() {
    try {
      return Files.exists(log()) ? Files.readString(log()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The real docker command, with this daemon. */
  public CommandResult docker(String... arguments) {
    return docker(new byte[0], arguments);
  }

  public CommandResult docker(byte[] input, String... arguments) {
    return Commands.run(environment(), input, dockerCommand(arguments));
  }

  /** Starts a docker command and leaves it running; its output goes to {@code output}. */
  public Process dockerInBackground(File output, String... arguments) {
    return inBackground(Map.of(), output, dockerCommand(arguments));
  }

  /** The same for a taffrail command, with environment variables of its own. */
  public Process taffrailInBackground(Map<String, String> more, File output, String... arguments) {
    return inBackground(more, output, taffrailCommand(arguments));
  }

  private Process inBackground(Map<String, String> more, File output, List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment());
      builder.environment().putAll(more);
      return builder.redirectErrorStream(true).redirectOutput(output).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> dockerCommand(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add("docker");
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private Map<String, String> environment() {
    return Map.of(
        "DOCKER_HOST",
        host(),
        "TAFFRAIL_HOST",
        host(),
        "DOCKER_CONTEXT",
        "",
        "DOCKER_CONFIG",
        directory.resolve("docker-config").toString());
  }

  /** The taffrail command, with this daemon. */
  public CommandResult taffrail(String... arguments) {
    return Commands.run(environment(), new byte[0], taffrailCommand(arguments));
  }

  private List<String> taffrailCommand(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/taffrail").toString());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  /** SIGKILL. */
  public void kill() {
    await(process.destroyForcibly());
  }

  /** SIGTERM; returns its exit code. */
  public int stop() {
    process.destroy();
    return await(process);
  }

  /** Starts it again after {@link #kill} or {@link #stop}. */
  public void restart() {
    launch();
  }

  /** The same, but waits for something else than its first answer. */
  public void restart(BooleanSupplier ready) {
    launch(ready);
  }

  private static int await(Process ending) {
    try {
      if (!ending.waitFor(30, TimeUnit.SECONDS)) {
        ending.destroyForcibly();
        throw new AssertionError("The daemon does not end");
      }
      return ending.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    try {
      if (!process.isAlive()) {
        restart();
      }
      docker("ps", "-aq").out().lines().forEach(id -> docker("rm", "-f", id));
      stop();
    } finally {
      end();
    }
  }

  private void end() {
    try {
      if (process != null) {
        process.destroyForcibly();
      }
      remove();
    } finally {
      network.close();
    }
  }

  private void remove() {
    beforeRemoval.run();
    try {
      List<String> mounted =
          Files.readAllLines(Path.of("/proc/self/mounts")).stream()
              .map(line -> line.split(" ", 3)[1])
              .filter(target -> target.startsWith(directory.toString() + "/"))
              .sorted(Comparator.reverseOrder())
              .toList();
      for (String target : mounted) {
        Commands.run(Map.of(), new byte[0], List.of("umount", "-l", target));
      }
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
      if (!mounted.isEmpty()) {
        throw new AssertionError("The daemon left mounts behind: " + mounted);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
