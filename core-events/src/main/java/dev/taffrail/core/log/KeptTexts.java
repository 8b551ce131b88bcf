package dev.taffrail.core.log;

import dev.taffrail.core.event.Kept;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Looks through an event for texts that may not be replaced: {@link Kept}. */
final class KeptTexts {
  private KeptTexts() {}

  /** Whether {@code text} stands for one of them, in a record or below it. */
  static boolean includes(Object value, String text) {
    if (value instanceof Record) {
      return Arrays.stream(value.getClass().getRecordComponents())
          .anyMatch(component -> includes(component, read(component, value), text));
    }
    if (value instanceof Optional<?> optional) {
      return optional.isPresent() && includes(optional.get(), text);
    }
    if (value instanceof Map<?, ?> map) {
      return includes(map.values(), text);
    }
    return value instanceof Collection<?> all
        && all.stream().anyMatch(element -> includes(element, text));
  }

  private static boolean includes(RecordComponent component, Object value, String text) {
    return component.isAnnotationPresent(Kept.class)
        ? text.equals(value) || Optional.of(text).equals(value)
        : includes(value, text);
  }

  private static Object read(RecordComponent component, Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Events are public records: " + component, e);
    }
  }
}
