package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a container of a scenario runs, and how: immutable. Its labels tell the invariants what its
 * output and its exit code must be.
 */
record Program(
    String script,
    int exitCode,
    int lines,
    boolean autoRemove,
    String policy,
    int retries,
    Networks networks) {
  /** Label: the exit code of a run that nobody ends. */
  static final String EXIT_CODE = "crash.exit";

  /** Label: how many numbered lines a run prints that nobody ends. */
  static final String LINES = "crash.lines";

  /** Label: it answers at port 80 while it runs. */
  static final String SERVES = "crash.serves";

  /** Label: it never comes to rest before it is removed. */
  static final String KEEPS = "crash.keeps";

  /** What {@link #serving} answers. */
  static final String ANSWER = "pong";

  /** The name under which others find {@link #serving} on a network. */
  static final String ALIAS = "server";

  /** The exit code of {@link #polite} after SIGTERM. */
  static final int POLITE = 3;

  /** Label: the name of what a client does; {@link Scenario} knows it. */
  static final String VOYAGE = "crash.voyage";

  private static final String PORT = "80/tcp";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * On which network it is.
   *
   * @param mode of the network
   * @param published whether its port 80 is, at any port of the host
   * @param serves whether it answers there, under an alias as well
   */
  private record Networks(String mode, boolean published, boolean serves, boolean kept) {
    static final Networks NONE = new Networks("none", false, false, false);
  }

  private static Program of(String script, int exitCode, int lines) {
    return new Program(script, exitCode, lines, false, "no", 0, Networks.NONE);
  }

  /** Prints numbered lines and exits. */
  static Program printing(int lines, int exitCode) {
    String script =
        "i=1; while [ $i -le "
            + lines
            + " ]; do echo $i; i=$((i+1)); usleep 1000; done; exit "
            + exitCode;
    return of(script, exitCode, lines);
  }

  /** Runs until it is told to stop. */
  static Program polite() {
    // Told so early that there is nothing to kill yet, it is silent.
    String script =
        "trap 'kill $! 2>/dev/null; exit " + POLITE + "' TERM; echo 1; sleep 1000 & wait";
    return of(script, POLITE, 1);
  }

  /** The same, and prints without end. */
  static Program talkative() {
    String script = "trap 'exit " + POLITE + "' TERM; while :; do echo 1; usleep 200; done";
    return of(script, POLITE, 1);
  }

  /** Runs until it is killed. */
  static Program deaf() {
    return of("trap '' TERM; echo 1; exec sleep 1000", 0, 1);
  }

  /** Runs until somebody kills it whom nobody has told to. */
  static Program murdered() {
    return of(deaf().script(), 137, 1);
  }

  /** Cannot be started again. */
  static Program breaking() {
    return of("echo 1; rm /bin/sh", 0, 1);
  }

  /** Answers whoever connects to port 80, until it is killed. */
  static Program serving() {
    String script = "trap '' TERM; echo 1; exec nc -ll -p 80 -e echo " + ANSWER + " 2>/dev/null";
    Program program = of(script, 0, 1);
    return program.with(new Networks(program.networks.mode, false, true, false));
  }

  /** Ends once it was answered by name. */
  static Program asking(int exitCode) {
    return of(
        "until nc "
            + ALIAS
            + " 80 </dev/null 2>/dev/null | grep -q "
            + ANSWER
            + "; do usleep 20000; done; echo 1; exit "
            + exitCode,
        exitCode,
        1);
  }

  /** Does not exist in the image. */
  static Program missing() {
    return of("", 0, 0);
  }

  Program removed() {
    return new Program(script, exitCode, lines, true, policy, retries, networks);
  }

  Program restarted(String how) {
    return new Program(script, exitCode, lines, autoRemove, how, 0, networks);
  }

  Program restartedOnFailure(int times) {
    return new Program(script, exitCode, lines, autoRemove, "on-failure", times, networks);
  }

  /** On a network. */
  Program on(String network) {
    return with(new Networks(network, networks.published, networks.serves, networks.kept));
  }

  /** With its port published. */
  Program published() {
    return with(new Networks(networks.mode, true, networks.serves, networks.kept));
  }

  /** It never comes to rest, so its addresses and ports stay the same. */
  Program kept() {
    return with(new Networks(networks.mode, networks.published, networks.serves, true));
  }

  private Program with(Networks other) {
    return new Program(script, exitCode, lines, autoRemove, policy, retries, other);
  }

  /** The body of a create. */
  String json() {
    ObjectNode body = JSON.createObjectNode();
    body.put("Image", CrashHarness.IMAGE);
    if (script.isEmpty()) {
      body.putArray("Cmd").add("/no/such/program");
    } else {
      body.putArray("Cmd").add("sh").add("-c").add(script);
    }
    ObjectNode labels = body.putObject("Labels");
    labels
        .put(EXIT_CODE, Integer.toString(exitCode))
        .put(LINES, Integer.toString(lines))
        .put(VOYAGE, Scenario.NAME);
    ObjectNode host = body.putObject("HostConfig");
    host.put("NetworkMode", networks.mode).put("AutoRemove", autoRemove);
    host.putObject("RestartPolicy").put("Name", policy).put("MaximumRetryCount", retries);
    if (networks.kept) {
      labels.put(KEEPS, "yes");
    }
    if (networks.published) {
      body.putObject("ExposedPorts").putObject(PORT);
      host.putObject("PortBindings").putArray(PORT).addObject().put("HostPort", "");
    }
    if (networks.serves) {
      labels.put(SERVES, "yes");
      body.putObject("NetworkingConfig")
          .putObject("EndpointsConfig")
          .putObject(networks.mode)
          .putArray("Aliases")
          .add(ALIAS);
    }
    return body.toString();
  }
}
