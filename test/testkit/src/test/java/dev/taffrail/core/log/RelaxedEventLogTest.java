package dev.taffrail.core.log;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.testkit.log.EventLogContract;

class RelaxedEventLogTest extends EventLogContract {
  @Override
  protected EventLogs.Open open(LogSettings settings, EventCatalogue catalogue) {
    return EventLogs.open(settings, catalogue);
  }

  @Override
  protected LogMode mode() {
    return LogMode.RELAXED;
  }
}
