package dev.taffrail.core.task;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** The stdin of a task. */
public interface TaskInput {
  /**
   * Completes when the monitor has taken it: that is the back-pressure. ABORTED when the task has
   * ended.
   */
  Future<Void> write(Buffer data);

  /** The client is done: stdin is closed when the task is {@code stdinOnce}. */
  Future<Void> end();

  /** The client has left; as {@link #end}, never fails. */
  void close();
}
