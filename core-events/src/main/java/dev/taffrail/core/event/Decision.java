package dev.taffrail.core.event;

import java.util.ArrayList;
import java.util.List;

/**
 * What a decider answers: events to append, in order and all together, and the reply once they are
 * durable.
 *
 * @param reply may be null for {@code Void}
 */
public record Decision<R>(List<Emission> emissions, R reply) {
  public Decision {
    emissions = List.copyOf(emissions);
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
    return new Decision<>(all, reply);
  }

  public <S> Decision<S> reply(S newReply) {
    return new Decision<>(emissions, newReply);
  }

  /** The events alone, in order. */
  public List<Event> events() {
    return emissions.stream().map(Emission::event).toList();
  }
}
