package dev.taffrail.http.server;

import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events as they come. A client that does not read asks for none, so the log ends its
 * subscription one day, and its connection is closed: it never misses events without noticing.
 */
public final class EventFollower implements Flow.Subscriber<Delivery> {
  private static final Logger LOG = LoggerFactory.getLogger(EventFollower.class);
  private static final int WINDOW = 256;

  private final Context context;
  private final HttpServerResponse response;
  private final BiConsumer<Buffer, Delivery> appender;
  private final CallContext call;
  private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile Flow.Subscription subscription;
  private volatile boolean ended;
  private boolean working;

  /**
   * A follower that is not subscribed yet.
   *
   * @param appender blocks; called for one batch after another
   */
  public EventFollower(
      Context context,
      HttpServerResponse response,
      BiConsumer<Buffer, Delivery> appender,
      CallContext call) {
    this.context = context;
    this.response = response;
    this.appender = appender;
    this.call = call;
  }

  @Override
  public void onSubscribe(Flow.Subscription granted) {
    subscription = granted;
    call.onCancel(granted::cancel);
    granted.request(WINDOW);
  }

  @Override
  public void onNext(Delivery delivery) {
    deliveries.add(delivery);
    schedule();
  }

  @Override
  public void onError(Throwable cause) {
    LOG.info("A reader of events is disconnected: {}", cause.getMessage());
    context.runOnContext(now -> response.reset());
  }

  @Override
  public void onComplete() {
    end();
  }

  /** Ends the answer after what has come so far. */
  public void end() {
    ended = true;
    if (subscription != null) {
      subscription.cancel();
    }
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(
          now -> {
            scheduled.set(false);
            work();
          });
    }
  }

  private void work() {
    if (working || response.closed() || response.ended()) {
      return;
    }
    if (response.writeQueueFull()) {
      response.drainHandler(ready -> schedule());
      return;
    }
    boolean last = ended;
    List<Delivery> batch = new ArrayList<>();
    Delivery next;
    while (batch.size() < WINDOW && (next = deliveries.poll()) != null) {
      batch.add(next);
    }
    if (batch.isEmpty()) {
      if (last) {
        response.end();
      }
      return;
    }
    working = true;
    context
        .executeBlocking(() -> lines(batch), false)
        .onComplete(
            translated -> {
              working = false;
              if (translated.failed()) {
                LOG.error("Events cannot be shown to a reader", translated.cause());
                subscription.cancel();
                response.reset();
                return;
              }
              if (translated.result().length() > 0) {
                response.write(translated.result());
              }
              subscription.request(batch.size());
              schedule();
            });
  }

  private Buffer lines(List<Delivery> batch) {
    Buffer lines = Buffer.buffer();
    for (Delivery delivery : batch) {
      appender.accept(lines, delivery);
    }
    return lines;
  }
}
