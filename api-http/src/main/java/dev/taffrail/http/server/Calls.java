package dev.taffrail.http.server;

import dev.taffrail.core.event.Origin;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Turns requests into calls: who asked, under which correlation and trace. */
public final class Calls {
  /** The header that carries the correlation id, in requests and in answers. */
  public static final String CORRELATION = "X-Correlation-Id";

  private static final String REQUEST_ID = "X-Request-Id";
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{7,63}");

  /** W3C Trace Context, "traceparent header field values". */
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final Peers peers;

  public Calls(Peers peers) {
    this.peers = peers;
  }

  /**
   * The call behind a request, with the correlation id put into the answer's headers; the call is
   * cancelled when the connection closes before the answer has been sent.
   */
  public Future<CallContext> of(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    String correlation = correlation(request);
    routing.response().putHeader(CORRELATION, correlation);
    return peers
        .of(request.connection())
        .map(
            actor -> {
              CallContext call = CallContext.of(new Origin(actor, correlation, trace(request)));
              routing.response().closeHandler(closed -> call.cancel());
              return call;
            });
  }

  private static String correlation(HttpServerRequest request) {
    for (String header : new String[] {CORRELATION, REQUEST_ID}) {
      String value = request.getHeader(header);
      if (value != null && TOKEN.matcher(value).matches()) {
        return value;
      }
    }
    return UUID.randomUUID().toString();
  }

  private static Optional<String> trace(HttpServerRequest request) {
    return Optional.ofNullable(request.getHeader("traceparent"))
        .filter(value -> TRACEPARENT.matcher(value).matches());
  }
}
