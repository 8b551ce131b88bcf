package dev.taffrail.core.event;

import java.util.ArrayList;
import java.util.List;

/**
 * What a decider answers: events to append, in order and all together, and the reply once they are
 * durable.
 *
 * @param reply may be null for {@code Void}
 * @param effect false when nobody will act on the events, so that no outcome is to be expected
 */
public record Decision<R>(List<Emission> emissions, R reply, boolean effect) {
  public Decision {
    emissions = List.copyOf(emissions);
  }

  /** A decision that may have an effect. */
  public Decision(List<Emission> emissions, R reply) {
    this(emissions, reply, true);
  }

  /** Events about one subject. */
  public static Decision<Void> of(Subject subject, Event... events) {
    return new Decision<Void>(List.of(), null).and(subject, events);
  }

  /** Nothing to append. */
  public static <R> Decision<R> none(R reply) {
    return new Decision<>(List.of(), reply);
  }

  /** The same with more events, about another subject perhaps. */
  public Decision<R> and(Subject subject, Event... events) {
    List<Emission> all = new ArrayList<>(emissions);
    for (Event event : events) {
      all.add(new Emission(subject, event));
    }
    return new Decision<>(all, reply, effect);
  }

  public <S> Decision<S> reply(S newReply) {
    return new Decision<>(emissions, newReply, effect);
  }

  /** The same; the queue room that its command has reserved for outcomes is free again at once. */
  public Decision<R> withoutEffect() {
    return new Decision<>(emissions, reply, false);
  }

  /** The events alone, in order. */
  public List<Event> events() {
    return emissions.stream().map(Emission::event).toList();
  }
}
