package dev.taffrail.core.log;

import dev.taffrail.core.event.StateView;

/** State at one moment, unmoved by later commits. Close it soon: it pins storage. */
public interface Snapshot extends StateView, AutoCloseable {
  /** What this snapshot includes. */
  Cursor cursor();

  @Override
  void close();
}
