package dev.taffrail.testkit.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end. */
public final class Commands {
  private static final int TIMEOUT_SECONDS = 60;

  private Commands() {}

  /** AssertionError when it takes longer than a minute; it is killed then. */
  public static CommandResult run(
      Map<String, String> environment, byte[] input, List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      Process process = builder.start();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      Thread outReader = copy(process.getInputStream(), out);
      Thread errReader = copy(process.getErrorStream(), err);
      Thread writer = feed(process.getOutputStream(), input);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("Not done in " + TIMEOUT_SECONDS + " s: " + command);
      }
      outReader.join();
      errReader.join();
      writer.join();
      return new CommandResult(
          String.join(" ", command), process.exitValue(), out.toByteArray(), err.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Thread copy(InputStream from, OutputStream to) {
    return start(
        () -> {
          try (from) {
            from.transferTo(to);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static Thread feed(OutputStream to, byte[] input) {
    return start(
        () -> {
          try (to) {
            to.write(input);
          } catch (IOException e) {
            // The program did not want all of it.
            return;
          }
        });
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work, "command-stream");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
