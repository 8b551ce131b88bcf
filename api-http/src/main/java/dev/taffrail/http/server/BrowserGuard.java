package dev.taffrail.http.server;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;

/**
 * Keeps web pages away from a loopback port: a browser names its page in {@code Origin}, and a name
 * that was re-bound to 127.0.0.1 shows in {@code Host}.
 */
final class BrowserGuard implements Handler<RoutingContext> {
  @Override
  public void handle(RoutingContext routing) {
    HostAndPort authority = routing.request().authority();
    if (authority == null || !ListenAddress.LOOPBACK_HOSTS.contains(bare(authority.host()))) {
      Failures.respond(
          routing,
          new RuntimeFailure(
              Kind.PERMISSION_DENIED, "This port answers only to localhost, 127.0.0.1 and [::1]"));
    } else if (routing.request().getHeader("Origin") != null) {
      Failures.respond(
          routing,
          new RuntimeFailure(Kind.PERMISSION_DENIED, "This port does not answer to web pages"));
    } else {
      routing.next();
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
