package dev.taffrail.core.event;

import java.util.Objects;

/** An event and its subject, before it has a sequence. */
public record Emission(Subject subject, Event event) {
  public Emission {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(event, "event");
  }
}
