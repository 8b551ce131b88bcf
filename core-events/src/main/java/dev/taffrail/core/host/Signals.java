package dev.taffrail.core.host;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Handlers of process signals. The JDK's class for that, {@code sun.misc.Signal} of the module
 * jdk.unsupported, cannot be named without a compiler warning that has no switch, hence reflection.
 */
final class Signals {
  private Signals() {}

  /**
   * Runs {@code action} on a thread of the JVM at each such signal, instead of what the JVM does.
   *
   * @param name without {@code SIG}
   */
  static void handle(String name, Runnable action) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
              case "equals" -> proxy == arguments[0];
              case "hashCode" -> System.identityHashCode(proxy);
              default -> "handler of SIG" + name;
            };
          }
          action.run();
          return null;
        };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
      signal
          .getMethod("handle", signal, handlerType)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot handle SIG" + name, e);
    }
  }
}
