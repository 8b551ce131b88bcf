package dev.taffrail.http.docker;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;

/**
 * The body of a request for a reader in another plugin: what it asks is done on the request's own
 * context. The request is paused already.
 */
final class BodyStream implements ReadStream<Buffer> {
  private final Context context;
  private final HttpServerRequest request;

  BodyStream(Context context, HttpServerRequest request) {
    this.context = context;
    this.request = request;
  }

  @Override
  public ReadStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
    context.runOnContext(now -> request.exceptionHandler(handler));
    return this;
  }

  @Override
  public ReadStream<Buffer> handler(Handler<Buffer> handler) {
    context.runOnContext(
        now -> {
          if (!request.isEnded()) {
            request.handler(handler);
          }
        });
    return this;
  }

  @Override
  public ReadStream<Buffer> pause() {
    context.runOnContext(now -> request.pause());
    return this;
  }

  @Override
  public ReadStream<Buffer> resume() {
    context.runOnContext(now -> request.resume());
    return this;
  }

  @Override
  public ReadStream<Buffer> fetch(long amount) {
    context.runOnContext(now -> request.fetch(amount));
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(Handler<Void> handler) {
    context.runOnContext(
        now -> {
          if (!request.isEnded()) {
            request.endHandler(handler);
          } else if (handler != null) {
            handler.handle(null);
          }
        });
    return this;
  }
}
