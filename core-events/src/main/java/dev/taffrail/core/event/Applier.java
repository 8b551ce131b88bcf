package dev.taffrail.core.event;

/**
 * Folds one event into state; the same code live and in replay. It must be a pure function of its
 * arguments: no clock, randomness, environment, disk, locale or map-iteration order. An applier
 * that throws rejects the command that emitted the event.
 */
@FunctionalInterface
public interface Applier<E extends Event> {
  void apply(Rows rows, E event);
}
