package dev.taffrail.core.host;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LogSettings;

/** Opens the event log, so that the daemon's own tests can do without a database. */
@FunctionalInterface
interface LogOpener {
  OpenLog open(LogSettings settings, EventCatalogue catalogue);

  /** An open log and how to close it. */
  record OpenLog(EventLog log, AutoCloseable closer) {}
}
