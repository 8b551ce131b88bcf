package dev.taffrail.linux;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Needs the privileges of root: it mounts, makes devices or sets trusted attributes. */
@Target({TYPE, METHOD})
@Retention(RUNTIME)
@ExtendWith(RootOnly.Condition.class)
@interface RootOnly {
  /** Skips, and says why. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return System.getProperty("user.name").equals("root")
          ? ConditionEvaluationResult.enabled("running as root")
          : ConditionEvaluationResult.disabled("mounts and devices need root");
    }
  }
}
