package dev.taffrail.core.plugin;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How long a caller of a contract method waits at most. When it passes, the call fails with
 * DEADLINE_EXCEEDED, which never means that it did not happen.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Deadline {
  int seconds();
}
