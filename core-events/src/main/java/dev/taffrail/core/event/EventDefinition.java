package dev.taffrail.core.event;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One stored event type.
 *
 * @param type with its version, {@code dev.taffrail.container.started.v1}; never derived from a
 *     Java name
 * @param revision counted up when the applier's behaviour changes; part of the applier set's
 *     fingerprint
 */
public record EventDefinition<E extends Event>(
    String type, int revision, Class<E> eventClass, Applier<E> applier) {
  private static final Pattern TYPE = Pattern.compile("[a-z0-9]+(\\.[a-z0-9-]+)+\\.v[1-9][0-9]*");

  public EventDefinition {
    Objects.requireNonNull(applier, "applier");
    if (!TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException("Not an event type with a version: " + type);
    }
    if (!eventClass.isRecord()) {
      throw new IllegalArgumentException(eventClass + " is not a record");
    }
  }

  /** Applies {@code event}, which must be of {@link #eventClass}. */
  public void apply(Rows rows, Event event) {
    applier.apply(rows, eventClass.cast(event));
  }
}
