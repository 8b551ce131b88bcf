package dev.taffrail.core.log;

import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Origin;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A request to the writer.
 *
 * @param cause the sequence of the event that led to this command
 * @param idempotency answers a repetition with its first reply
 * @param lane what it is refused for
 * @param outcomes how many outcomes the effects of this command will report; their queue room is
 *     reserved when the command is accepted and freed as commands caused by its events commit in
 *     the outcome lane
 */
public record Command<R>(
    Origin origin,
    Decider<R> decider,
    OptionalLong cause,
    Optional<Idempotency<R>> idempotency,
    Lane lane,
    int outcomes) {
  public Command {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(decider, "decider");
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(idempotency, "idempotency");
    Objects.requireNonNull(lane, "lane");
  }

  /** What a command is refused for, and so which part of the queue it takes. */
  public enum Lane {
    /** Refused when the queue or the disk is full. */
    REQUEST,
    /**
     * Refused when the queue is full: what it leads to makes room on the disk, or ends something.
     */
    RELIEF,
    /** Never refused. */
    OUTCOME
  }

  /**
   * How a repeated request is recognised.
   *
   * @param key chosen by the client
   * @param fingerprint of the request; another request with the same key is INVALID_ARGUMENT
   * @param replyClass how the stored reply is read back
   */
  public record Idempotency<R>(String key, String fingerprint, Class<R> replyClass) {}

  public static <R> Command<R> request(Origin origin, Decider<R> decider) {
    return new Command<>(origin, decider, OptionalLong.empty(), Optional.empty(), Lane.REQUEST, 0);
  }

  /** What came of the effect of the event {@code cause}. */
  public static <R> Command<R> outcome(Origin origin, long cause, Decider<R> decider) {
    return new Command<>(
        origin, decider, OptionalLong.of(cause), Optional.empty(), Lane.OUTCOME, 0);
  }

  /** The same, accepted on a full disk as well. */
  public Command<R> relieving() {
    return new Command<>(origin, decider, cause, idempotency, Lane.RELIEF, outcomes);
  }

  public Command<R> causedBy(long sequence) {
    return new Command<>(origin, decider, OptionalLong.of(sequence), idempotency, lane, outcomes);
  }

  public Command<R> idempotent(String key, String fingerprint, Class<R> replyClass) {
    return new Command<>(
        origin,
        decider,
        cause,
        Optional.of(new Idempotency<>(key, fingerprint, replyClass)),
        lane,
        outcomes);
  }

  public Command<R> reservingOutcomes(int count) {
    return new Command<>(origin, decider, cause, idempotency, lane, count);
  }
}
