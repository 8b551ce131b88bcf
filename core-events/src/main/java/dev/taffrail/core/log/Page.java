package dev.taffrail.core.log;

import java.util.List;

/**
 * Some events in order.
 *
 * @param next where to continue; past the last event looked at, matched or not
 * @param atHead true when nothing is left
 */
public record Page(List<LoggedEvent> events, Cursor next, boolean atHead) {
  public Page {
    events = List.copyOf(events);
  }
}
