package dev.taffrail.network;

import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** Submits the plugin's commands and reads its state. */
final class Journal {
  private static final boolean UNORDERED = false;
  private final PluginContext host;
  private final Context context;

  Journal(PluginContext host, Context context) {
    this.host = host;
    this.context = context;
  }

  /** What somebody asks for; refused when the queue or the disk is full. */
  <R> Future<Committed<R>> request(CallContext call, Decider<R> decider) {
    return submit(call, Command.request(call.origin(), decider));
  }

  /** What ends something: accepted on a full disk as well. */
  <R> Future<Committed<R>> relief(CallContext call, Decider<R> decider) {
    return submit(call, Command.request(call.origin(), decider).relieving());
  }

  /** What came of the effect of the event that is the call's cause; never refused. */
  <R> Future<Committed<R>> outcome(CallContext call, Decider<R> decider) {
    return host.submit(Command.outcome(call.origin(), call.cause().orElseThrow(), decider));
  }

  private <R> Future<Committed<R>> submit(CallContext call, Command<R> command) {
    return host.submit(
        call.cause().isPresent() ? command.causedBy(call.cause().getAsLong()) : command);
  }

  <R> Future<R> read(Function<StateView, R> reader) {
    return blocking(() -> host.log().read(reader));
  }

  <R> Future<R> readAsOf(Cursor moment, Function<StateView, R> reader) {
    return blocking(() -> host.log().readAsOf(moment, reader));
  }

  /** Runs short blocking work on a worker thread. */
  <R> Future<R> blocking(Callable<R> work) {
    return context.executeBlocking(work, UNORDERED);
  }
}
