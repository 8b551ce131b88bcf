package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a container of a scenario runs, and how: immutable. Its labels tell the invariants what its
 * output and its exit code must be.
 */
record Program(
    String script, int exitCode, int lines, boolean autoRemove, String policy, int retries) {
  /** Label: the exit code of a run that nobody ends. */
  static final String EXIT_CODE = "crash.exit";

  /** Label: how many numbered lines a run prints that nobody ends. */
  static final String LINES = "crash.lines";

  /** The exit code of {@link #polite} after SIGTERM. */
  static final int POLITE = 3;

  /** Label: the name of what a client does; {@link Scenario} knows it. */
  static final String VOYAGE = "crash.voyage";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Prints numbered lines and exits. */
  static Program printing(int lines, int exitCode) {
    String script =
        "i=1; while [ $i -le "
            + lines
            + " ]; do echo $i; i=$((i+1)); usleep 1000; done; exit "
            + exitCode;
    return new Program(script, exitCode, lines, false, "no", 0);
  }

  /** Runs until it is told to stop. */
  static Program polite() {
    String script = "trap 'kill $!; exit " + POLITE + "' TERM; echo 1; sleep 1000 & wait";
    return new Program(script, POLITE, 1, false, "no", 0);
  }

  /** The same, and prints without end. */
  static Program talkative() {
    String script = "trap 'exit " + POLITE + "' TERM; while :; do echo 1; usleep 200; done";
    return new Program(script, POLITE, 1, false, "no", 0);
  }

  /** Runs until it is killed. */
  static Program deaf() {
    return new Program("trap '' TERM; echo 1; exec sleep 1000", 0, 1, false, "no", 0);
  }

  /** Runs until somebody kills it whom nobody has told to. */
  static Program murdered() {
    return new Program(deaf().script(), 137, 1, false, "no", 0);
  }

  /** Cannot be started again. */
  static Program breaking() {
    return new Program("echo 1; rm /bin/sh", 0, 1, false, "no", 0);
  }

  /** Does not exist in the image. */
  static Program missing() {
    return new Program("", 0, 0, false, "no", 0);
  }

  Program removed() {
    return new Program(script, exitCode, lines, true, policy, retries);
  }

  Program restarted(String how) {
    return new Program(script, exitCode, lines, autoRemove, how, 0);
  }

  Program restartedOnFailure(int times) {
    return new Program(script, exitCode, lines, autoRemove, "on-failure", times);
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
    body.putObject("Labels")
        .put(EXIT_CODE, Integer.toString(exitCode))
        .put(LINES, Integer.toString(lines))
        .put(VOYAGE, Scenario.NAME);
    ObjectNode host = body.putObject("HostConfig");
    host.put("NetworkMode", "none").put("AutoRemove", autoRemove);
    host.putObject("RestartPolicy").put("Name", policy).put("MaximumRetryCount", retries);
    return body.toString();
  }
}
