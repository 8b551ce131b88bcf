package dev.taffrail.testkit.daemon;

import java.nio.charset.StandardCharsets;

/** How a command ended and what it printed. */
public final class CommandResult {
  private final String command;
  private final int code;
  private final byte[] out;
  private final byte[] err;

  CommandResult(String command, int code, byte[] out, byte[] err) {
    this.command = command;
    this.code = code;
    this.out = out;
    this.err = err;
  }

  public int code() {
    return code;
  }

  public byte[] bytes() {
    return out;
  }

  public String out() {
    return new String(out, StandardCharsets.UTF_8);
  }

  public String err() {
    return new String(err, StandardCharsets.UTF_8);
  }

  /** AssertionError unless the exit code is 0. */
  public CommandResult succeeded() {
    if (code != 0) {
      throw new AssertionError(this);
    }
    return this;
  }

  @Override
  public String toString() {
    return command + " exited with " + code + "\nstdout: " + out() + "\nstderr: " + err();
  }
}
