package dev.taffrail.core.task;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;

/**
 * A piece of output, in order.
 *
 * @param at when the monitor read it
 * @param data ends with a newline exactly where the container wrote one
 */
public record OutputFrame(Stream stream, Instant at, Buffer data) {
  /** Where it was written. A terminal's output is all stdout. */
  public enum Stream {
    STDOUT,
    STDERR
  }
}
