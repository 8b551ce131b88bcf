package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Cursor;
import io.vertx.core.Future;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;

/**
 * A contract whose reads are of one moment: {@code list} is answered by {@code listAsOf}, {@code
 * get} by {@code getAsOf}. UNIMPLEMENTED for every method without such a counterpart.
 */
final class Past {
  private static final String AS_OF = "AsOf";

  private Past() {}

  static <T> T of(Class<T> contract, T present, Cursor moment) {
    InvocationHandler handler =
        (proxy, method, arguments) -> ask(contract, present, moment, method, arguments);
    return contract.cast(
        Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, handler));
  }

  private static Object ask(
      Class<?> contract, Object present, Cursor moment, Method method, Object[] arguments)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(present, arguments);
    }
    Class<?>[] types = Arrays.copyOf(method.getParameterTypes(), method.getParameterCount() + 1);
    types[types.length - 1] = Cursor.class;
    Object[] values = Arrays.copyOf(arguments, arguments.length + 1);
    values[values.length - 1] = moment;
    try {
      return contract.getMethod(method.getName() + AS_OF, types).invoke(present, values);
    } catch (NoSuchMethodException e) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.UNIMPLEMENTED,
              "The log does not tell what " + method.getName() + " would have answered",
              e));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
