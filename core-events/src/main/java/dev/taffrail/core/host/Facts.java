package dev.taffrail.core.host;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.SubscriptionClosed;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes committed events on the bus, as hints. The log is followed from the first listener on:
 * before that nobody hears.
 */
final class Facts implements AutoCloseable {
  static final String ADDRESS = "taffrail.facts";
  private static final Logger LOG = LoggerFactory.getLogger(Facts.class);
  private static final DeliveryOptions LOCAL =
      new DeliveryOptions().setLocalOnly(true).setCodecName(ByReference.NAME);

  private final Vertx vertx;
  private final EventLog log;
  private Flow.Subscription following;
  private boolean closed;

  Facts(Vertx vertx, EventLog log) {
    this.vertx = vertx;
    this.log = log;
  }

  /** Calls {@code listener} on the current Vert.x context until the consumer is unregistered. */
  MessageConsumer<LoggedEvent> listen(EventFilter filter, Consumer<LoggedEvent> listener) {
    MessageConsumer<LoggedEvent> consumer =
        vertx
            .eventBus()
            .localConsumer(
                ADDRESS,
                message -> {
                  LoggedEvent event = message.body();
                  if (filter.matches(event.header().type(), event.header().subject())) {
                    listener.accept(event);
                  }
                });
    follow();
    return consumer;
  }

  private synchronized void follow() {
    if (following == null && !closed) {
      follow(log.head());
    }
  }

  private void follow(Cursor after) {
    log.subscribe(after, EventFilter.ALL).subscribe(new Relay());
  }

  private synchronized void followed(Flow.Subscription subscription) {
    following = subscription;
    if (closed) {
      subscription.cancel();
    }
  }

  // A reader that asks for everything is never too slow: the log was closed, or opened again with
  // a loss.
  private synchronized void ended(Throwable cause) {
    following = null;
    if (!closed && !(cause instanceof SubscriptionClosed)) {
      LOG.warn("Facts on the bus go on from the head of the log: {}", cause.getMessage());
      follow(log.head());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (following != null) {
      following.cancel();
    }
  }

  private final class Relay implements Flow.Subscriber<Delivery> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      followed(subscription);
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Delivery delivery) {
      if (delivery instanceof Delivery.Matched matched) {
        vertx.eventBus().publish(ADDRESS, matched.event(), LOCAL);
      }
    }

    @Override
    public void onError(Throwable cause) {
      ended(cause);
    }

    @Override
    public void onComplete() {}
  }
}
