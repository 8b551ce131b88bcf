package dev.taffrail.core.host;

import dev.taffrail.core.plugin.CallContext;
import java.lang.reflect.Method;

/** A call of a contract method on its way to the provider. */
final class Call {
  private final Method method;
  private final Object[] arguments;

  /**
   * Takes {@code arguments} as they are.
   *
   * @param arguments the first is the {@link CallContext}
   */
  Call(Method method, Object[] arguments) {
    this.method = method;
    this.arguments = arguments;
  }

  Method method() {
    return method;
  }

  Object[] arguments() {
    return arguments;
  }

  CallContext context() {
    return (CallContext) arguments[0];
  }
}
