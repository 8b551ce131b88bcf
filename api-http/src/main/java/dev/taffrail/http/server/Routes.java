package dev.taffrail.http.server;

import io.vertx.ext.web.Router;

/** A group of endpoints. */
public interface Routes {
  /**
   * Adds its routes; called once, before the first listener opens. Failures of handlers reach the
   * client as {@link Failures} says, unless a route has a failure handler of its own.
   */
  void mount(Router router);
}
