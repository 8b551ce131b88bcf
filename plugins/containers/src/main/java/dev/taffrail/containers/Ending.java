package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent.Purpose;
import dev.taffrail.core.container.StopOrder;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Committed;
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
  private final Start start;
  private final Restarts restarts;

  Ending(Services services, Start start, Restarts restarts) {
    this.services = services;
    this.start = start;
    this.restarts = restarts;
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
                    .relief(
                        saga,
                        0,
                        view -> ContainerDecider.stopRequested(view, id, asked, timeoutSeconds))
                    .compose(
                        intent -> {
                          if (!intent.reply().running()) {
                            return stays(saga.causedBy(intent.firstSequence()), id);
                          }
                          return end(
                              saga.causedBy(intent.firstSequence()), id, intent.reply(), ended);
                        }))
        .compose(sent -> ended.future())
        .<Void>mapEmpty()
        .onComplete(result -> ended.cancel());
  }

  // The restart that was due is cancelled: those who wait hear how the last run ended.
  private Future<Void> stays(CallContext call, String id) {
    restarts.none(id);
    return services
        .networks
        .release(call, id)
        .map(
            status -> {
              services.waiters.ended(id, ContainerDecider.exitOf(status));
              return null;
            });
  }

  private Future<Void> end(
      CallContext call, String id, ContainerDecider.Stop stop, Waiters.Waiter ended) {
    return signal(call, id, stop.signal()).onSuccess(sent -> killLater(call, id, stop, ended));
  }

  /** Goes on with a stop that was asked for before the daemon was restarted. */
  void stopAgain(CallContext call, String id, StopOrder order) {
    Waiters.Waiter ended = services.waiters.register(id, WaitCondition.NEXT_EXIT);
    var unused =
        end(
            call,
            id,
            new ContainerDecider.Stop(Signal.parse(order.signal()), order.timeoutSeconds(), true),
            ended);
  }

  /** As {@code docker restart}: answers once it runs again. */
  Future<Void> restart(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    String id = services.roster.resolve(name);
    Optional<Signal> asked = signal.filter(text -> !text.isEmpty()).map(Signal::parse);
    CallContext saga = call.detached();
    return services
        .turns
        .take(
            id,
            () ->
                services
                    .journal
                    .request(
                        saga,
                        1,
                        view -> ContainerDecider.restartRequested(view, id, asked, timeoutSeconds))
                    .compose(order -> restart(saga.causedBy(order.firstSequence()), id, order)))
        .compose(again -> again);
  }

  // Answers what to wait for once the turn is over: the next run takes one of its own.
  private Future<Future<Void>> restart(
      CallContext call, String id, Committed<ContainerDecider.RestartOrder> order) {
    if (order.reply().start().isPresent()) {
      CallContext starting = call.causedBy(order.cursor().sequence());
      return start
          .act(starting, id, order.reply().start().get())
          .map(started -> Future.succeededFuture());
    }
    Future<Void> again = restarts.next(id);
    Waiters.Waiter ended = services.waiters.register(id, WaitCondition.NEXT_EXIT);
    again.onComplete(result -> ended.cancel());
    ended.future().onFailure(cause -> LOG.debug("Container {} does not end", id, cause));
    return end(call, id, order.reply().stop(), ended).map(sent -> again);
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
        .relief(call, 0, view -> ContainerDecider.killRequested(view, id, signal, purpose))
        .compose(
            intent ->
                switch (intent.reply()) {
                  case SIGNALS ->
                      services
                          .tasks
                          .kill(call.causedBy(intent.firstSequence()), id, signal.number())
                          .recover(Removal::unlessGone);
                  case CANCELS_RESTART -> stays(call.causedBy(intent.firstSequence()), id);
                  case NOTHING -> Future.<Void>succeededFuture();
                });
  }
}
