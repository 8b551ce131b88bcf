package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Sends each call of a contract to the address of its provider and waits no longer than the method
 * and the caller's context allow. Answers complete on the caller's Vert.x context. It holds no
 * provider, so the provider may be stopped and started meanwhile.
 */
final class ContractProxy implements InvocationHandler {
  /** For unbounded calls: ten years, which in nanoseconds still fits a long. */
  private static final long UNBOUNDED_MILLIS = Duration.ofDays(3650).toMillis();

  /** Timers may fire this much early. */
  private static final Duration SLACK = Duration.ofMillis(5);

  private final Vertx vertx;
  private final PluginType<?> type;
  private final PluginId provider;
  private final Contract contract;

  private ContractProxy(Vertx vertx, PluginType<?> type, PluginId provider) {
    this.vertx = vertx;
    this.type = type;
    this.provider = provider;
    this.contract = Contract.of(type.contract());
  }

  static <S> S create(Vertx vertx, PluginType<S> type, PluginId provider) {
    Class<S> contract = type.contract();
    return contract.cast(
        Proxy.newProxyInstance(
            contract.getClassLoader(),
            new Class<?>[] {contract},
            new ContractProxy(vertx, type, provider)));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) {
    if (method.getDeclaringClass() == Object.class) {
      return switch (method.getName()) {
        case "equals" -> isSame(arguments[0]);
        case "hashCode" -> Objects.hash(type, provider);
        default -> type.contract().getSimpleName() + " of " + provider;
      };
    }
    return call(method, arguments);
  }

  private boolean isSame(Object other) {
    return other != null
        && Proxy.isProxyClass(other.getClass())
        && Proxy.getInvocationHandler(other) instanceof ContractProxy that
        && vertx == that.vertx
        && type.equals(that.type)
        && provider.equals(that.provider);
  }

  private Future<Object> call(Method method, Object[] arguments) {
    CallContext given =
        (CallContext) Objects.requireNonNull(arguments[0], "A call needs a CallContext");
    if (given.isCancelled()) {
      return Future.failedFuture(
          new RuntimeFailure(Kind.CANCELLED, name(method) + " was cancelled before it was sent"));
    }
    CallContext call = contract.deadline(method).map(given::within).orElse(given);
    Optional<Duration> left = call.remaining();
    if (left.isPresent() && left.get().compareTo(Duration.ZERO) <= 0) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.DEADLINE_EXCEEDED,
              name(method) + " was not sent: its deadline had passed already"));
    }
    arguments[0] = call;
    DeliveryOptions options =
        new DeliveryOptions()
            .setLocalOnly(true)
            .setCodecName(ByReference.NAME)
            .setSendTimeout(left.map(ContractProxy::millis).orElse(UNBOUNDED_MILLIS));
    Context caller = vertx.getOrCreateContext();
    Promise<Object> answer = Promise.promise();
    CallContext.Registration cancellation =
        call.onCancel(() -> caller.runOnContext(ignored -> cancel(method, answer)));
    vertx
        .eventBus()
        .<Answer>request(provider.address(), new Call(method, arguments), options)
        .onComplete(
            done -> {
              cancellation.remove();
              settle(done, method, call, answer);
            });
    return answer.future();
  }

  private void cancel(Method method, Promise<Object> answer) {
    answer.tryFail(
        new RuntimeFailure(
            Kind.CANCELLED, name(method) + " was cancelled; whether it took effect is unknown"));
  }

  private void settle(
      AsyncResult<Message<Answer>> done, Method method, CallContext call, Promise<Object> answer) {
    if (done.failed()) {
      answer.tryFail(undelivered(done.cause(), method, call));
    } else if (done.result().body().failure() != null) {
      answer.tryFail(done.result().body().failure());
    } else {
      answer.tryComplete(done.result().body().value());
    }
  }

  private RuntimeFailure undelivered(Throwable cause, Method method, CallContext call) {
    if (cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS) {
      return new RuntimeFailure(
          Kind.UNAVAILABLE, name(method) + " was not sent: the plugin is not running");
    }
    if (cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.TIMEOUT) {
      // The bus says "time-out" also of a message that a leaving consumer never took.
      return call.remaining().filter(left -> left.compareTo(SLACK) < 0).isPresent()
          ? new RuntimeFailure(
              Kind.DEADLINE_EXCEEDED,
              name(method) + " did not answer in time; whether it took effect is unknown")
          : new RuntimeFailure(
              Kind.UNAVAILABLE, name(method) + " was not begun: the plugin was stopped");
    }
    return Failures.ofCall(cause, name(method));
  }

  private static long millis(Duration left) {
    return Math.min(UNBOUNDED_MILLIS, Math.max(1, left.plusNanos(999_999).toMillis()));
  }

  private String name(Method method) {
    return provider + " " + method.getName();
  }
}
