package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent.Purpose;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops and kills containers. */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
  private final Services services;

  Ending(Services services) {
    this.services = services;
  }

  /** As {@code docker stop}: answers once it has ended. */
  Future<Void> stop(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    String id = services.roster.resolve(name);
    Optional<Signal> asked = signal.filter(text -> !text.isEmpty()).map(Signal::parse);
    CallContext saga = call.detached();
    Waiters.Waiter ended = services.waiters.register(id, WaitCondition.NEXT_EXIT);
    return services
        .turns
        .take(
            id,
            () ->
                services
                    .journal
                    .request(
                        saga,
                        view -> ContainerDecider.stopRequested(view, id, asked, timeoutSeconds))
                    .compose(
                        intent -> {
                          CallContext effect = saga.causedBy(intent.firstSequence());
                          return signal(effect, id, intent.reply().signal())
                              .onSuccess(sent -> killLater(effect, id, intent.reply(), ended));
                        }))
        .compose(sent -> ended.future())
        .<Void>mapEmpty()
        .onComplete(result -> ended.cancel());
  }

  /** Goes on with a stop that was asked for before the daemon was restarted. */
  void stopAgain(CallContext call, String id, ContainerDecider.Stop stop) {
    Waiters.Waiter ended = services.waiters.register(id, WaitCondition.NEXT_EXIT);
    signal(call, id, stop.signal()).onSuccess(sent -> killLater(call, id, stop, ended));
  }

  // Whatever became of the first signal, SIGKILL follows.
  private Future<Void> signal(CallContext call, String id, Signal signal) {
    return services
        .tasks
        .kill(call, id, signal.number())
        .recover(
            cause -> {
              LOG.debug("Container {} did not get {}", id, signal.name(), cause);
              return Future.succeededFuture();
            });
  }

  private void killLater(
      CallContext call, String id, ContainerDecider.Stop stop, Waiters.Waiter ended) {
    if (stop.timeoutSeconds() < 0 || ended.future().isComplete()) {
      return;
    }
    Runnable kill =
        () ->
            kill(call, id, Signal.KILL, Purpose.STOP_TIMEOUT)
                .onFailure(
                    cause -> {
                      LOG.warn("Cannot kill container {} after its stop time-out", id, cause);
                      ended.fail(cause);
                    });
    if (stop.timeoutSeconds() == 0) {
      kill.run();
    } else {
      long timer = services.timer(stop.timeoutSeconds() * 1000L, kill);
      ended.future().onComplete(exit -> services.cancelTimer(timer));
    }
  }

  /** As {@code docker kill}: answers once the signal is sent. Failures begin as Docker's do. */
  Future<Void> kill(CallContext call, String name, String text) {
    String prefix = "cannot kill container: " + name + ": ";
    Future<Void> sent;
    try {
      Signal signal = text.isEmpty() ? Signal.KILL : Signal.parse(text);
      String id = services.roster.resolve(name);
      CallContext saga = call.detached();
      sent = services.turns.take(id, () -> kill(saga, id, signal, Purpose.KILL));
    } catch (RuntimeFailure e) {
      sent = Future.failedFuture(e);
    }
    return sent.recover(
        cause ->
            Future.failedFuture(
                new RuntimeFailure(
                    RuntimeFailure.kindOf(cause), prefix + cause.getMessage(), cause)));
  }

  private Future<Void> kill(CallContext call, String id, Signal signal, Purpose purpose) {
    return services
        .journal
        .request(call, view -> ContainerDecider.killRequested(view, id, signal, purpose))
        .compose(
            intent ->
                services
                    .tasks
                    .kill(call.causedBy(intent.firstSequence()), id, signal.number())
                    .recover(Removal::unlessGone));
  }
}
