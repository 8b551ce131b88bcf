package dev.taffrail.core.metadata;

import java.util.Locale;

/** The column families of a store; what they hold is fixed in {@code docs/log-format.md}. */
public enum ColumnFamily {
  EVENTS,
  STATE,
  HISTORY,
  INDEX,
  DEDUP,
  CONSUMERS,
  BEACONS,
  META;

  /** As stored. */
  public String storedName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
