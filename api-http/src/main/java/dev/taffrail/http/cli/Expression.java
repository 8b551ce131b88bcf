package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.CelErrorCode;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.LoggedEvent;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A question to a moment of a log, in the Common Expression Language (CEL): without loops of its
 * own, side effects or reflection, and bounded. Its variables are {@code event}, {@code state}
 * (table → id → row), {@code before} (the same before the event), {@code named} (container name →
 * status) and {@code system} (the rows of the kernel).
 */
final class Expression {
  /** Elements that one evaluation may look at in {@code all}, {@code exists}, {@code map}, …. */
  private static final int MAX_ITERATIONS = 1_000_000;

  private static final Map<String, Function<Scope, Object>> VARIABLES =
      Map.of(
          "event",
          scope -> scope.event().map(Expression::event).orElse(Map.of()),
          "state",
          scope -> new StateMap(scope.catalogue(), scope.state(), Subject.DEFAULT_NAMESPACE),
          "before",
          scope -> new StateMap(scope.catalogue(), scope.before().get(), Subject.DEFAULT_NAMESPACE),
          "system",
          scope -> new StateMap(scope.catalogue(), scope.state(), Subject.SYSTEM_NAMESPACE),
          "named",
          scope -> new NamedContainers(scope.state()));

  private final String text;
  private final CelRuntime.Program program;

  private Expression(String text, CelRuntime.Program program) {
    this.text = text;
    this.program = program;
  }

  /** INVALID_ARGUMENT, and where, for what is not an expression. */
  static Expression compile(String text) {
    CelOptions options = CelOptions.current().comprehensionMaxIterations(MAX_ITERATIONS).build();
    var compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(options)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS);
    VARIABLES.keySet().forEach(name -> compiler.addVar(name, SimpleType.DYN));
    CelCompiler compilerOfAll = compiler.build();
    try {
      return new Expression(
          text,
          CelRuntimeFactory.legacyCelRuntimeBuilder()
              .setOptions(options)
              .build()
              .createProgram(compilerOfAll.compile(text).getAst()));
    } catch (CelValidationException e) {
      throw invalid(
          text,
          e.getErrors().stream()
              .map(Expression::describe)
              .distinct()
              .collect(Collectors.joining("; ")),
          e);
    } catch (CelEvaluationException e) {
      throw invalid(text, e.getMessage(), e);
    }
  }

  private static String describe(CelIssue issue) {
    return "column " + (issue.getSourceLocation().getColumn() + 1) + ": " + issue.getMessage();
  }

  private static RuntimeFailure invalid(String text, String finding, Exception cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT, "Not an expression: " + text + " (" + finding + ")", cause);
  }

  /** As it was written. */
  String text() {
    return text;
  }

  /**
   * The value as JSON; empty when something that it names is not there at this moment, as a
   * container before it is created. INVALID_ARGUMENT when it cannot be evaluated.
   */
  Optional<JsonNode> evaluate(Scope scope) {
    try {
      Object value =
          program.eval(name -> Optional.ofNullable(VARIABLES.get(name)).map(of -> of.apply(scope)));
      return Optional.of(Values.json(value));
    } catch (CelEvaluationException e) {
      if (e.getErrorCode() == CelErrorCode.ATTRIBUTE_NOT_FOUND) {
        return Optional.empty();
      }
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof RuntimeFailure failure) {
          throw failure;
        }
      }
      throw invalid(text, e.getMessage(), e);
    }
  }

  /**
   * Whether it holds; what is not there makes it not hold. INVALID_ARGUMENT when the value is
   * neither true nor false.
   */
  boolean holds(Scope scope) {
    Optional<JsonNode> value = evaluate(scope);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Not a predicate: " + text + " is " + value.get() + ", neither true nor false");
    }
    return value.map(JsonNode::booleanValue).orElse(false);
  }

  private static Object event(LoggedEvent event) {
    ObjectNode json = CloudEventJson.write("", event);
    json.remove("source");
    json.set("actor", EventJson.mapper().valueToTree(event.header().actor()));
    return Values.of(json);
  }
}
