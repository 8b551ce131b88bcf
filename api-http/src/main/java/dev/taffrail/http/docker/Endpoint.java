package dev.taffrail.http.docker;

import io.vertx.core.Future;

/** Answers one kind of request. */
@FunctionalInterface
interface Endpoint {
  /** Fails with what becomes the answer's status; a RuntimeFailure may also be thrown. */
  Future<?> handle(Exchange exchange);
}
