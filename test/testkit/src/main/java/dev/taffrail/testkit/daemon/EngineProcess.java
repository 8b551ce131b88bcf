package dev.taffrail.testkit.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Docker Engine beside ours, with a data root, exec root, socket and network namespace of its own.
 * Closing removes its containers, ends it and removes its files.
 */
public final class EngineProcess implements AutoCloseable {
  private static final Path DOCKERD = Path.of("/usr/sbin/dockerd");
  private static final int SECONDS = 30;

  private final Path directory;
  private final NetworkNamespace network;
  private final Process process;

  private EngineProcess(Path directory, NetworkNamespace network, Process process) {
    this.directory = directory;
    this.network = network;
    this.process = process;
  }

  /** Whether it is installed. */
  public static boolean isInstalled() {
    return Files.exists(DOCKERD);
  }

  /** Starts one; it answers on return. */
  public static EngineProcess start() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("taffrail-peer");
    NetworkNamespace network = NetworkNamespace.create();
    EngineProcess engine;
    try {
      engine = new EngineProcess(directory, network, launch(directory, network));
    } catch (Throwable e) {
      network.close();
      throw e;
    }
    try {
      engine.await();
    } catch (Throwable e) {
      engine.end();
      throw e;
    }
    return engine;
  }

  private static Process launch(Path directory, NetworkNamespace network) throws IOException {
    List<String> command =
        List.of(
            DOCKERD.toString(),
            "--data-root",
            directory.resolve("data").toString(),
            "--exec-root",
            directory.resolve("run").toString(),
            "--pidfile",
            directory.resolve("pid").toString(),
            "-H",
            "unix://" + directory.resolve("docker.sock"));
    return new ProcessBuilder(network.entering(command))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  private void await() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (docker(new byte[0], "version").code() != 0) {
      if (System.nanoTime() > deadline || process.waitFor(100, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("Docker Engine did not start");
      }
    }
  }

  /** For {@code DOCKER_HOST}. */
  public String host() {
    return "unix://" + directory.resolve("docker.sock");
  }

  public Path directory() {
    return directory;
  }

  /** Where its links, rules and ports are. */
  public NetworkNamespace network() {
    return network;
  }

  /** The docker command, with this engine. */
  public CommandResult docker(byte[] input, String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return Commands.run(Map.of("DOCKER_HOST", host(), "DOCKER_CONTEXT", ""), input, command);
  }

  @Override
  public void close() {
    try {
      docker(new byte[0], "ps", "-aq")
          .out()
          .lines()
          .forEach(id -> docker(new byte[0], "rm", "-f", id));
    } finally {
      end();
    }
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("Docker Engine does not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      network.close();
      Commands.run(Map.of(), new byte[0], List.of("rm", "-rf", directory.toString()));
    }
  }
}
