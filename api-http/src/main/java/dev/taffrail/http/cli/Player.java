package dev.taffrail.http.cli;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.Playback;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Moves a playback and prints what there is to see on the way. */
final class Player {
  private final Playback playback;
  private final Cursor last;
  private final Optional<Expression> until;
  private final List<Watch> watches;
  private final ReplayOutput output;
  private final EventCatalogue catalogue;
  private final EventFilter shown;
  private long events;

  /**
   * A player that prints the first values of what is watched.
   *
   * @param last where it ends
   * @param until holds where it ends before
   * @param shown which events are printed; null for none
   */
  Player(
      Playback playback,
      Cursor last,
      Optional<Expression> until,
      List<Watch> watches,
      ReplayOutput output,
      EventCatalogue catalogue,
      EventFilter shown) {
    this.playback = playback;
    this.last = last;
    this.until = until;
    this.watches = new ArrayList<>(watches);
    this.output = output;
    this.catalogue = catalogue;
    this.shown = shown;
    output.watches(this.watches, scope(), playback.cursor());
  }

  Playback playback() {
    return playback;
  }

  ReplayOutput output() {
    return output;
  }

  EventCatalogue catalogue() {
    return catalogue;
  }

  List<Watch> watches() {
    return watches;
  }

  Scope scope() {
    return new Scope(
        catalogue, playback.here().map(Playback.Step::event), playback.state(), playback::before);
  }

  /** Goes to the end; false when there is a predicate and it never held. */
  boolean play() {
    boolean held = go(until);
    String stop =
        until
            .map(predicate -> predicate.text() + (held ? " holds" : " did not hold until here"))
            .orElse("all that was asked for");
    output.end(playback, events, stop);
    return until.isEmpty() || held;
  }

  /** Goes on until the predicate holds, or to the end; whether it held. */
  boolean go(Optional<Expression> predicate) {
    while (forward()) {
      if (predicate.isPresent() && predicate.get().holds(scope())) {
        return true;
      }
    }
    return false;
  }

  /** One event on; false at the end. */
  boolean forward() {
    if (playback.cursor().sequence() >= last.sequence()) {
      return false;
    }
    Optional<Playback.Step> step = playback.forward();
    if (step.isEmpty()) {
      return false;
    }
    events++;
    var header = step.get().event().header();
    if (shown != null && shown.matches(header.type(), header.subject())) {
      output.step(step.get());
    }
    if (!watches.isEmpty()) {
      output.watches(watches, scope(), playback.cursor());
    }
    return true;
  }

  /** One event back; false at the oldest moment. */
  boolean back() {
    Optional<Playback.Step> step = playback.back();
    step.ifPresent(output::undone);
    output.watches(watches, scope(), playback.cursor());
    return step.isPresent();
  }
}
