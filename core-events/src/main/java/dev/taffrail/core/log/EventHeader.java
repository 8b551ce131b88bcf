package dev.taffrail.core.log;

import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Subject;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The header of a stored event.
 *
 * @param time assigned by the writer, never decreasing
 * @param subjectSequence counts the events of one subject from 1
 * @param position of the event within its command, from 0
 * @param count of the command's events
 */
public record EventHeader(
    long sequence,
    int epoch,
    Instant time,
    String type,
    Subject subject,
    long subjectSequence,
    String correlationId,
    OptionalLong cause,
    Actor actor,
    Optional<String> traceparent,
    Optional<String> idempotencyKey,
    int position,
    int count) {
  public Cursor cursor() {
    return new Cursor(epoch, sequence);
  }
}
