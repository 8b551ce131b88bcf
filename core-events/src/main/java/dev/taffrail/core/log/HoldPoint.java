package dev.taffrail.core.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds the log's writer still right before or right after an event is durable, so that a test can
 * kill the process exactly there. Off unless the system property {@value #PROPERTY} names a file;
 * when that file says {@code before 17} or {@code after 17}, the writer deletes it, to tell that it
 * is there, and goes no further with the group that has the event of sequence 17, or the first
 * later one. A rebuild holds after the batch that has derived it.
 */
final class HoldPoint {
  static final String PROPERTY = "taffrail.test.hold";

  private final Optional<Path> order;

  private HoldPoint(Optional<Path> order) {
    this.order = order;
  }

  static HoldPoint configured() {
    return new HoldPoint(Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of));
  }

  /** A group that ends with {@code last} is about to be written. */
  void before(long last) {
    order.ifPresent(file -> obey(file, "before", last));
  }

  /** The same group is durable, and nobody has heard of it. */
  void after(long last) {
    order.ifPresent(file -> obey(file, "after", last));
  }

  private static void obey(Path file, String moment, long last) {
    try {
      String[] words = Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", 2);
      if (words.length == 2 && words[0].equals(moment) && last >= Long.parseLong(words[1])) {
        Files.delete(file);
        holdForEver();
      }
    } catch (NoSuchFileException none) {
      // No order is the usual case.
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }

  private static void holdForEver() {
    while (true) {
      LockSupport.park();
    }
  }
}
