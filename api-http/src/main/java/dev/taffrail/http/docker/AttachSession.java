package dev.taffrail.http.docker;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.TaskInput;
import dev.taffrail.http.server.RawConnection;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client attached to a container: output from the log file until the run has ended, input until
 * the client ends it. The client's leaving never touches the container, but for its stdin.
 */
final class AttachSession {
  private static final Logger LOG = LoggerFactory.getLogger(AttachSession.class);

  private final Context context;
  private final RawConnection connection;
  private final CallContext call;
  private final Optional<TaskInput> input;
  private final Optional<DetachKeys> detachKeys;
  private final OutputPump pump;

  /**
   * A session that has not begun.
   *
   * @param call ends the output stream when it is cancelled
   * @param detachKeys looked for in the input of a terminal
   */
  AttachSession(
      Context context,
      RawConnection connection,
      CallContext call,
      ReadStream<OutputFrame> output,
      Framing framing,
      Optional<TaskInput> input,
      Optional<DetachKeys> detachKeys) {
    this.context = context;
    this.connection = connection;
    this.call = call;
    this.input = input;
    this.detachKeys = detachKeys;
    this.pump = new OutputPump(context, output, connection.output(), framing);
  }

  void begin() {
    connection.onClose(gone -> leave());
    connection.input(this::typed, ended -> inputEnded());
    pump.run()
        .onFailure(cause -> LOG.debug("An attached client's output ended early", cause))
        .onComplete(done -> connection.finish());
  }

  /** Ends the session after what has been read so far: the run it waits for will not come. */
  void end() {
    pump.stop();
  }

  private void typed(Buffer data) {
    if (input.isEmpty()) {
      connection.resume();
      return;
    }
    Buffer through = detachKeys.isPresent() ? detachKeys.get().filter(data) : data;
    if (detachKeys.isPresent() && detachKeys.get().isDetached()) {
      call.cancel();
      pump.stop();
      return;
    }
    if (through.length() == 0) {
      connection.resume();
      return;
    }
    input
        .get()
        .write(through)
        .onComplete(
            written -> {
              if (written.failed()) {
                // The task has ended; what is still typed goes nowhere.
                LOG.debug("Input of an attached client is not taken", written.cause());
              }
              context.runOnContext(now -> connection.resume());
            });
  }

  private void inputEnded() {
    // A terminal has no end of file of its own; the client types one.
    if (input.isPresent() && detachKeys.isEmpty()) {
      input.get().end().onFailure(cause -> LOG.debug("Cannot end the input of a task", cause));
    }
  }

  private void leave() {
    call.cancel();
    pump.stop();
    input.ifPresent(TaskInput::close);
  }
}
