package dev.taffrail.core.host;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.plugin.Unbounded;
import io.vertx.core.Future;

/** A contract for tests. */
interface Greeter {
  PluginType<Greeter> GREETER = new PluginType<>("greeter", Greeter.class);

  @Deadline(seconds = 5)
  Future<String> greet(CallContext call, String name);

  @Unbounded
  Future<String> ponder(CallContext call);
}
