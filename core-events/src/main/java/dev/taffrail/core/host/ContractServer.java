package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Answers calls of one contract on the provider's context. */
final class ContractServer {
  private static final DeliveryOptions ANSWER =
      new DeliveryOptions().setLocalOnly(true).setCodecName(ByReference.NAME);

  private final PluginId provider;
  private final Object service;
  private final CallCounters counters;
  private final Set<InFlight> inFlight = ConcurrentHashMap.newKeySet();
  private final MessageConsumer<Call> consumer;

  /** Starts to answer on the current Vert.x context. */
  ContractServer(Vertx vertx, PluginId provider, Object service, CallCounters counters) {
    this.provider = provider;
    this.service = service;
    this.counters = counters;
    this.consumer = vertx.eventBus().localConsumer(provider.address(), this::receive);
  }

  /** Takes no more calls. Those in flight go on. */
  Future<Void> refuse() {
    return consumer.unregister();
  }

  /** Fails what is in flight: nobody is left to answer it. */
  void abandon() {
    for (InFlight call : inFlight) {
      call.answer(
          new Answer(
              null,
              new RuntimeFailure(
                  Kind.UNAVAILABLE,
                  "Plugin "
                      + provider
                      + " was stopped while it worked on "
                      + call.name()
                      + "; whether it took effect is unknown")));
    }
  }

  private void receive(Message<Call> message) {
    InFlight call = new InFlight(message);
    inFlight.add(call);
    RuntimeFailure late = tooLate(call);
    if (late != null) {
      call.answer(new Answer(null, late));
      return;
    }
    invoke(message.body())
        .onComplete(
            done ->
                call.answer(
                    done.succeeded()
                        ? new Answer(done.result(), null)
                        : new Answer(null, Failures.ofCall(done.cause(), call.name()))));
  }

  /** A call that nobody waits for any more is not begun. */
  private static RuntimeFailure tooLate(InFlight call) {
    CallContext context = call.message.body().context();
    if (context.isCancelled()) {
      return new RuntimeFailure(Kind.CANCELLED, call.name() + " was cancelled before it began");
    }
    if (context.remaining().filter(left -> left.compareTo(Duration.ZERO) <= 0).isPresent()) {
      return new RuntimeFailure(
          Kind.DEADLINE_EXCEEDED, call.name() + " was not begun before its deadline");
    }
    return null;
  }

  private Future<?> invoke(Call call) {
    try {
      Future<?> result = (Future<?>) call.method().invoke(service, call.arguments());
      return result != null
          ? result
          : Future.failedFuture(new IllegalStateException("it returned no future"));
    } catch (InvocationTargetException e) {
      return Future.failedFuture(e.getCause());
    } catch (IllegalAccessException e) {
      return Future.failedFuture(e);
    }
  }

  /** A call that has not been answered yet. */
  private final class InFlight {
    private final Message<Call> message;
    private final long since = System.nanoTime();
    private final AtomicBoolean answered = new AtomicBoolean();

    InFlight(Message<Call> message) {
      this.message = message;
    }

    String name() {
      return provider + " " + message.body().method().getName();
    }

    void answer(Answer answer) {
      if (answered.compareAndSet(false, true)) {
        inFlight.remove(this);
        counters.answered(answer.failure() != null, System.nanoTime() - since);
        message.reply(answer, ANSWER);
      }
    }
  }
}
