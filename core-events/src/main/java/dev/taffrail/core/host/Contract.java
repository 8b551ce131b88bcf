package dev.taffrail.core.host;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.Unbounded;
import io.vertx.core.Future;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The checked shape of a contract: how long a caller of each method waits. */
final class Contract {
  private static final ClassValue<Contract> CONTRACTS =
      new ClassValue<>() {
        @Override
        protected Contract computeValue(Class<?> type) {
          return new Contract(type);
        }
      };

  private final Map<Method, Optional<Duration>> deadlines = new HashMap<>();

  private Contract(Class<?> type) {
    List<String> faults = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())) {
        check(method, faults);
        Deadline deadline = method.getAnnotation(Deadline.class);
        deadlines.put(
            method,
            Optional.ofNullable(deadline).map(present -> Duration.ofSeconds(present.seconds())));
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(
          type.getName() + " is not a contract: " + String.join("; ", faults));
    }
  }

  /** IllegalArgumentException that names every method which is not as a contract's should be. */
  static Contract of(Class<?> type) {
    return CONTRACTS.get(type);
  }

  /** Empty for an unbounded method. */
  Optional<Duration> deadline(Method method) {
    return deadlines.get(method);
  }

  /** True when nobody can call it. */
  boolean isEmpty() {
    return deadlines.isEmpty();
  }

  private static void check(Method method, List<String> faults) {
    Class<?>[] parameters = method.getParameterTypes();
    if (parameters.length == 0 || parameters[0] != CallContext.class) {
      faults.add(method.getName() + " does not take a CallContext first");
    }
    if (method.getReturnType() != Future.class) {
      faults.add(method.getName() + " does not return a Future");
    }
    Deadline deadline = method.getAnnotation(Deadline.class);
    if ((deadline != null) == method.isAnnotationPresent(Unbounded.class)) {
      faults.add(method.getName() + " needs exactly one of @Deadline and @Unbounded");
    }
    if (deadline != null && deadline.seconds() < 1) {
      faults.add(method.getName() + " has a deadline of less than a second");
    }
  }
}
