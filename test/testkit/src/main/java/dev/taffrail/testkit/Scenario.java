package dev.taffrail.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Emission;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A test of a decider in the words of the log: given these events, when this is decided, then these
 * events come of it, or a rejection. The event with sequence n has the time {@link #timeOf}(n).
 *
 * <pre>{@code
 * Scenario.of(ContentEvent.FAMILY)
 *     .given(ContentEvent.subject(DIGEST), new Committed(DIGEST, 3, Map.of()))
 *     .when(view -> ContentDecider.delete(view, DIGEST))
 *     .thenEvents(ContentEvent.subject(DIGEST), new Deleted(DIGEST));
 * }</pre>
 */
public final class Scenario {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final EventCatalogue catalogue;
  private final MemoryState state;

  private Scenario(EventCatalogue catalogue, MemoryState state) {
    this.catalogue = catalogue;
    this.state = state;
  }

  /** No event yet. */
  public static Scenario of(EventFamily<?>... families) {
    return new Scenario(EventCatalogue.of(families), new MemoryState());
  }

  /** The time in the header of the event {@code sequence}: that many seconds into 2026. */
  public static Instant timeOf(long sequence) {
    return BEGIN.plusSeconds(sequence);
  }

  /** These happened as well. The scenario it is called on stays as it is. */
  public Scenario given(Subject subject, Event... events) {
    MemoryState next = state.copy();
    apply(next, Decision.of(subject, events));
    return new Scenario(catalogue, next);
  }

  /** This was decided as well; it fails the test when it is rejected. */
  public <R> Scenario given(Decider<R> decider) {
    MemoryState next = state.copy();
    apply(next, decider.decide(state));
    return new Scenario(catalogue, next);
  }

  private void apply(MemoryState target, Decision<?> decision) {
    for (Emission emission : decision.emissions()) {
      target.apply(catalogue, emission, timeOf(target.sequence() + 1));
    }
  }

  /** State after the given events. */
  public StateView state() {
    return state.copy();
  }

  /**
   * Decides, and applies what was decided, since an applier that throws rejects as well. Decides
   * twice, since a decider is pure: AssertionError when the answers differ.
   */
  public <R> Outcome<R> when(Decider<R> decider) {
    try {
      Decision<R> decision = decider.decide(state.copy());
      assertThat(decider.decide(state.copy())).as("decided once more").isEqualTo(decision);
      MemoryState after = state.copy();
      apply(after, decision);
      return new Outcome<>(Optional.of(decision), after, null);
    } catch (RuntimeException rejection) {
      return new Outcome<>(Optional.empty(), state.copy(), rejection);
    }
  }

  /** What came of a decision. */
  public static final class Outcome<R> {
    private final Optional<Decision<R>> decision;
    private final StateView after;
    private final RuntimeException rejection;

    private Outcome(Optional<Decision<R>> decision, StateView after, RuntimeException rejection) {
      this.decision = decision;
      this.after = after;
      this.rejection = rejection;
    }

    private Decision<R> decision() {
      return decision.orElseThrow(
          () -> new AssertionError("It was rejected: " + rejection, rejection));
    }

    /** Exactly these events, all about {@code subject}. */
    public Outcome<R> thenEvents(Subject subject, Event... events) {
      assertThat(decision().emissions())
          .containsExactlyElementsOf(Decision.of(subject, events).emissions());
      return this;
    }

    /** Exactly these events, each about its own subject. */
    public Outcome<R> thenEvents(Emission... emissions) {
      assertThat(decision().emissions()).containsExactly(emissions);
      return this;
    }

    /** Accepted, without any event. */
    public Outcome<R> thenNothing() {
      assertThat(decision().emissions()).isEmpty();
      return this;
    }

    public Outcome<R> thenReply(R reply) {
      assertThat(decision().reply()).isEqualTo(reply);
      return this;
    }

    /** Looks at state after the events, in which nothing has changed when it was rejected. */
    public Outcome<R> thenState(Consumer<StateView> check) {
      check.accept(after);
      return this;
    }

    /** Rejected with a {@link RuntimeFailure} of this kind. */
    public Outcome<R> thenRejected(Kind kind) {
      return thenRejected(kind, "");
    }

    /** The same, with a message that contains {@code words}. */
    public Outcome<R> thenRejected(Kind kind, String words) {
      assertThat(rejection)
          .as("the rejection; decided was %s", decision.map(Decision::emissions))
          .isInstanceOf(RuntimeFailure.class);
      assertThat(rejection).hasMessageContaining(words);
      assertThat(RuntimeFailure.kindOf(rejection)).isEqualTo(kind);
      return this;
    }
  }
}
