package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Playback;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpressionTest {
  @TempDir static Path directory;
  private static Voyage voyage;
  private static Playback playback;

  @BeforeAll
  static void exitedAfterOneRun() {
    voyage = new Voyage(directory);
    voyage.create("a1", "web");
    voyage.start("a1", 1);
    voyage.create("b2", "db");
    voyage.exit("a1", 137);
    playback = new Playback(voyage.log(), voyage.log().oldest());
    playback.seek(voyage.log().head());
  }

  @AfterAll
  static void close() {
    playback.close();
    voyage.close();
  }

  private static Scope scope() {
    return new Scope(
        voyage.log().catalogue(),
        playback.here().map(Playback.Step::event),
        playback.state(),
        playback::before);
  }

  private static String value(String text) {
    return Expression.compile(text).evaluate(scope()).map(JsonNode::toString).orElse("absent");
  }

  private static Kind refusal(String text) {
    return catchThrowableOfType(RuntimeFailure.class, () -> value(text)).kind();
  }

  @Test
  void theStateIsTablesOfRowsById() {
    assertThat(value("state.containers.a1.exitCode")).isEqualTo("137");
    assertThat(value("state.containers[\"a1\"].phase")).isEqualTo("\"exited\"");
    assertThat(value("size(state.containers)")).isEqualTo("2");
    assertThat(value("state.container_names.web.owner")).isEqualTo("\"a1\"");
    assertThat(value("state.container_specifications.a1.command")).isEqualTo("[\"sh\"]");
    assertThat(value("size(system.log_epochs)")).isEqualTo("1");
  }

  @Test
  void containersHaveNames() {
    assertThat(value("named.web.exitCode > 128 && named.db.phase == 'created'")).isEqualTo("true");
    assertThat(value("named.map(name, name)")).isEqualTo("[\"web\",\"db\"]");
  }

  @Test
  void theStateBeforeTheEventIsThereToo() {
    assertThat(value("before.containers.a1.phase + ' to ' + state.containers.a1.phase"))
        .isEqualTo("\"running to exited\"");
  }

  @Test
  void theEventIsACloudEventWithItsActorAsAnObject() {
    assertThat(value("event.type")).isEqualTo("\"dev.taffrail.container.exited.v1\"");
    assertThat(value("event.data.exit.code")).isEqualTo("137");
    assertThat(value("event.actor.component")).isEqualTo("\"docker\"");
    assertThat(value("timestamp(event.time) > timestamp('2020-01-01T00:00:00Z')"))
        .isEqualTo("true");
    assertThat(value("event.subject.endsWith('/a1')")).isEqualTo("true");
  }

  @Test
  void whatIsNotThereIsAbsentAndHoldsNot() {
    assertThat(value("named.cook.phase")).isEqualTo("absent");
    assertThat(value("state.containers.zz")).isEqualTo("absent");
    assertThat(value("'zz' in state.containers")).isEqualTo("false");
    assertThat(value("has(named.web.restart)")).isEqualTo("false");
    assertThat(Expression.compile("named.cook.exitCode == 0").holds(scope())).isFalse();
  }

  @Test
  void quantifiersLookAtEveryRow() {
    assertThat(value("state.containers.exists(id, state.containers[id].exitCode == 137)"))
        .isEqualTo("true");
    assertThat(value("state.containers.all(id, state.containers[id].exitCode == 137)"))
        .isEqualTo("false");
    assertThat(value("state.containers.filter(id, state.containers[id].phase == 'exited')"))
        .isEqualTo("[\"a1\"]");
  }

  @Test
  void aTableThatDoesNotExistIsRefusedAndTheOthersNamed() {
    assertThatThrownBy(() -> value("state.contaners.a1"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith("The state has no contaners; it has blobs, container_names, ");
    assertThat(refusal("has(state.contaners)")).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void whatIsNoExpressionIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> Expression.compile("named.web ="))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith("Not an expression: named.web = (column 11: ");
    assertThatThrownBy(() -> Expression.compile("foo == 1"))
        .hasMessageContaining("undeclared reference to 'foo'");
    assertThat(refusal("named.web.exitCode + 'x'")).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void aPredicateIsTrueOrFalse() {
    assertThatThrownBy(() -> Expression.compile("named.web.exitCode").holds(scope()))
        .hasMessage("Not a predicate: named.web.exitCode is 137, neither true nor false");
  }

  @Test
  void nothingOfJavaCanBeReached() {
    for (String attempt :
        new String[] {
          "state.getClass()",
          "state.class",
          "''.getClass()",
          "java.lang.Runtime.getRuntime()",
          "event.__proto__",
          "T(java.lang.Runtime)"
        }) {
      Optional<JsonNode> value = Optional.empty();
      try {
        value = Expression.compile(attempt).evaluate(scope());
      } catch (RuntimeFailure e) {
        assertThat(e.kind()).as(attempt).isEqualTo(Kind.INVALID_ARGUMENT);
      }
      assertThat(value).as(attempt).isEmpty();
    }
  }

  @Test
  void anEndlessQuestionIsCutShort() {
    String digits = "[0,1,2,3,4,5,6,7,8,9]";
    StringBuilder nested = new StringBuilder("true");
    for (char variable = 'a'; variable <= 'g'; variable++) {
      nested.insert(0, digits + ".all(" + variable + ", ").append(')');
    }
    assertThatThrownBy(() -> value(nested.toString()))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("budget exceeded");
  }
}
