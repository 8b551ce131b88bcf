package dev.taffrail.containers;

import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Future;

/** Submits the plugin's commands. */
final class Journal {
  private static final String COMPONENT = "containers";
  private final PluginContext host;

  Journal(PluginContext host) {
    this.host = host;
  }

  /** What somebody asks for; refused when the queue is full. */
  <R> Future<Committed<R>> request(CallContext call, Decider<R> decider) {
    return request(call, 0, decider);
  }

  /** The same, with room for the outcomes of its effects. */
  <R> Future<Committed<R>> request(CallContext call, int outcomes, Decider<R> decider) {
    return submit(call, Command.request(call.origin(), decider).reservingOutcomes(outcomes));
  }

  /** What somebody asks for that ends or removes something: accepted on a full disk as well. */
  <R> Future<Committed<R>> relief(CallContext call, int outcomes, Decider<R> decider) {
    return submit(
        call, Command.request(call.origin(), decider).reservingOutcomes(outcomes).relieving());
  }

  private <R> Future<Committed<R>> submit(CallContext call, Command<R> command) {
    return host.submit(
        call.cause().isPresent() ? command.causedBy(call.cause().getAsLong()) : command);
  }

  /** What came of the effect of the event that caused {@code call}; never refused. */
  <R> Future<Committed<R>> outcome(CallContext call, Decider<R> decider) {
    return host.submit(Command.outcome(call.origin(), call.cause().orElse(0), decider));
  }

  /** On the plugin's own account, for a container whose last intent is {@code cause}. */
  static CallContext own(long cause) {
    return CallContext.component(COMPONENT).causedBy(cause);
  }

  /** The same correlation, but nobody asked: the plugin noticed. */
  static CallContext noticed(CallContext call, long cause) {
    Origin origin = call.origin();
    return CallContext.of(
            new Origin(Actor.component(COMPONENT), origin.correlationId(), origin.traceparent()))
        .causedBy(cause);
  }
}
