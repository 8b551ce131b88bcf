package dev.taffrail.http.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.ReadableLog;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where a failure becomes an answer, and where it is logged. */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /**
   * Answers {@code {"message": …}} with the status of the failure's kind; closes the connection
   * when the answer has begun already.
   */
  public static void respond(RoutingContext routing, Throwable cause) {
    respond(routing, cause, JsonNodeFactory.instance.objectNode());
  }

  /** The same; who asked for a moment that is gone is told what of {@code log} there is. */
  public static void respond(RoutingContext routing, Throwable cause, ReadableLog log) {
    ObjectNode details = JsonNodeFactory.instance.objectNode();
    if (RuntimeFailure.kindOf(cause) == Kind.GONE) {
      LogInfo info = log.info();
      details.put("oldest", Long.toString(info.oldest()));
      details.put("head", info.head().toString());
    }
    respond(routing, cause, details);
  }

  private static void respond(RoutingContext routing, Throwable cause, ObjectNode details) {
    Kind kind = RuntimeFailure.kindOf(cause);
    int status = status(kind);
    log(routing, status, cause);
    HttpServerResponse response = routing.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      routing.request().connection().close();
      return;
    }
    response.setStatusCode(status);
    response.headers().remove("Transfer-Encoding");
    if (status == 304) {
      response.end();
      return;
    }
    if (kind == Kind.UNAVAILABLE) {
      response.putHeader("Retry-After", "1");
    }
    if (!routing.request().isEnded()) {
      // What is left of the body would be taken for the next request.
      response.putHeader("Connection", "close");
      routing.request().resume();
    }
    response
        .putHeader("Content-Type", "application/json")
        .end(
            JsonNodeFactory.instance.objectNode().put("message", message(cause)).setAll(details)
                + "\n");
  }

  private static void log(RoutingContext routing, int status, Throwable cause) {
    // To a client that has left nothing can be written, which is no failure of ours.
    // The first write that fails comes before the news that the connection is closed.
    boolean left =
        (cause instanceof VertxException && routing.response().closed())
            || (cause instanceof IOException && routing.response().headWritten());
    if (status >= 500 && !(status == 501 || status == 503) && !left) {
      LOG.error("{} {} failed", routing.request().method(), routing.request().uri(), cause);
    } else {
      LOG.debug(
          "{} {} answered {}: {}",
          routing.request().method(),
          routing.request().uri(),
          status,
          message(cause));
    }
  }

  /** What the client reads: the message of the failure, or of the bug. */
  public static String message(Throwable cause) {
    for (Throwable link = cause; link != null; link = link.getCause()) {
      if (link instanceof RuntimeFailure) {
        return link.getMessage();
      }
    }
    return "internal error: "
        + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
  }

  /** The HTTP status of a failure; see moby's httpstatus, and RFC 6585 and nginx for the rest. */
  public static int status(Kind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case NOT_MODIFIED -> 304;
      case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> 409;
      case GONE -> 410;
      case CANCELLED -> 499;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
      case RESOURCE_EXHAUSTED, OUTCOME_UNKNOWN, DATA_LOSS, INTERNAL -> 500;
    };
  }
}
