package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** An expression whose value is looked at again and again. */
final class Watch {
  private final Expression expression;
  private Optional<JsonNode> value = Optional.empty();
  private boolean looked;

  Watch(Expression expression) {
    this.expression = expression;
  }

  /** Looks; true the first time, and when the value is another than at the last look. */
  boolean changed(Scope scope) {
    Optional<JsonNode> now = expression.evaluate(scope);
    boolean changed = !looked || !now.equals(value);
    value = now;
    looked = true;
    return changed;
  }

  String text() {
    return expression.text();
  }

  /** At the last look; empty when it names something that is not there. */
  Optional<JsonNode> value() {
    return value;
  }
}
