package dev.taffrail.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.CommandResult;
import dev.taffrail.testkit.daemon.Commands;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Containers on networks, looked at from inside, from beside and from the host. */
final class Moorings {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Answers the datagram that comes first. */
  private static final String ECHO =
      "$s = IO::Socket::IP->new(LocalHost => '0.0.0.0', LocalPort => $ARGV[0], Proto => 'udp')"
          + " or die; $s->recv($b, 99) // die; $s->send(\"echo $b\");";

  /** Sends datagrams until one is answered, or enough have been sent. */
  private static final String ASK =
      "$s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Proto => 'udp') or die;"
          + " for (1 .. $ARGV[2]) { $s->send('ahoy'); $r = ''; vec($r, fileno($s), 1) = 1;"
          + " if (select($r, undef, undef, 0.1) && defined $s->recv($b, 99)) { print $b; exit 0 } }"
          + " exit 1;";

  /** Listens until it is killed; says so. */
  private static final String LISTEN =
      "$| = 1; $s = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => $ARGV[1],"
          + " Listen => 1, ReuseAddr => 1) or die; print \"listens\\n\"; sleep;";

  private final DaemonProcess daemon;

  Moorings(DaemonProcess daemon) {
    this.daemon = daemon;
  }

  CommandResult docker(String... arguments) {
    return daemon.docker(arguments);
  }

  /** Prints what it is; fails the test when it does not succeed. */
  String say(String... arguments) {
    return docker(arguments).succeeded().out().strip();
  }

  /** Runs a container that serves its name at port 80; options as words. */
  String serve(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name));
    words.addAll(Arrays.asList(options));
    words.addAll(List.of("busybox", "sh", "-c", server(name)));
    return say(words.toArray(String[]::new));
  }

  /** What such a container runs. */
  static String server(String name) {
    return "mkdir -p /www; echo " + name + " > /www/index.html; exec httpd -f -p 80 -h /www";
  }

  JsonNode inspect(String container) {
    try {
      return daemon.api().get("/containers/" + container + "/json").json();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid(String container) {
    return inspect(container).path("State").path("Pid").asLong();
  }

  String address(String container, String network) {
    return inspect(container)
        .path("NetworkSettings")
        .path("Networks")
        .path(network)
        .path("IPAddress")
        .asText();
  }

  /** Runs a program of the container in the container, with all capabilities. */
  CommandResult in(String container, String... command) {
    List<String> words =
        new ArrayList<>(
            List.of("nsenter", "-t", Long.toString(pid(container)), "-n", "-m", "-r", "-w"));
    words.addAll(Arrays.asList(command));
    return Commands.run(Map.of("PATH", "/bin:/usr/bin:/usr/sbin"), new byte[0], words);
  }

  /** Fetches from a server; once. */
  CommandResult fetch(String from, String where) {
    return in(from, "timeout", "1", "wget", "-q", "-O", "-", "http://" + where + "/");
  }

  /** Who serves {@code where}, as soon as somebody does. */
  void reaches(String from, String where, String name) {
    await(
        from + " reaches " + name + " at " + where,
        () -> fetch(from, where).out().equals(name + "\n"));
  }

  /**
   * {@code where} cannot be reached.
   *
   * @param server at which there is somebody, which is made sure of
   */
  void cannotReach(String from, String where, String server) {
    reaches(server, "127.0.0.1", server);
    assertThat(fetch(from, where).code()).as("%s reaches %s", from, where).isNotZero();
  }

  /** The same from the host, whose addresses are not the container's. */
  void hostReaches(String where, String name) {
    await("the host reaches " + name + " at " + where, () -> curl(where).out().equals(name + "\n"));
  }

  CommandResult curl(String where) {
    return daemon.network().run("curl", "-s", "-g", "-m", "2", "http://" + where + "/");
  }

  /** Asks a server of datagrams in {@code server}, at its port 53, from {@code from}. */
  void echoes(String server, String from, String address, int port) {
    Process echo = inNamespace(pid(server), ECHO, "53");
    try {
      long client = from.isEmpty() ? daemon.handle().pid() : pid(from);
      List<String> ask = perl(client, ASK, address, Integer.toString(port), "100");
      assertThat(Commands.run(Map.of(), new byte[0], ask).succeeded().out()).isEqualTo("echo ahoy");
    } finally {
      end(echo);
    }
  }

  /** Somebody who is none of ours at a port of the host; ends with {@link #end}. */
  Process listen(String address, int port) {
    Process listener = inNamespace(daemon.handle().pid(), LISTEN, address, Integer.toString(port));
    try {
      byte[] said = listener.getInputStream().readNBytes("listens\n".length());
      assertThat(said).asString().isEqualTo("listens\n");
      return listener;
    } catch (IOException | AssertionError e) {
      end(listener);
      throw new AssertionError(e);
    }
  }

  static void end(Process process) {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Process inNamespace(long pid, String script, String... arguments) {
    try {
      return new ProcessBuilder(perl(pid, script, arguments)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> perl(long pid, String script, String... arguments) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "nsenter",
                "-t",
                Long.toString(pid),
                "-n",
                "perl",
                "-MIO::Socket::IP",
                "-e",
                script));
    words.addAll(Arrays.asList(arguments));
    return words;
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Links, rules, mounts and directories: what networks leave in the world. */
  List<String> traces() {
    List<String> traces = new ArrayList<>();
    daemon
        .network()
        .run("ip", "-o", "link", "show")
        .succeeded()
        .out()
        .lines()
        .map(line -> "link " + line.split(": ", 3)[1].split("@", 2)[0])
        .forEach(traces::add);
    daemon.network().run("nft", "list", "ruleset").succeeded().out().lines().forEach(traces::add);
    Path sandboxes = daemon.execRoot().resolve("network.default");
    try (Stream<Path> directories = Files.list(sandboxes)) {
      directories.map(Path::toString).forEach(traces::add);
      Files.readAllLines(Path.of("/proc/self/mounts")).stream()
          .filter(line -> line.contains(sandboxes.toString()))
          .forEach(traces::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return traces;
  }

  /** There are the {@link #traces} again that there were; the kernel may take its time. */
  void returnTo(List<String> before) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!traces().equals(before) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    assertThat(traces()).isEqualTo(before);
  }

  /** Removes all containers and networks. */
  void clear() {
    List<String> containers = say("ps", "-aq").lines().toList();
    if (!containers.isEmpty()) {
      say(Stream.concat(Stream.of("rm", "-f"), containers.stream()).toArray(String[]::new));
    }
    say("network", "prune", "-f");
  }
}
