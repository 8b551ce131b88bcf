package dev.taffrail.core.log;

import dev.taffrail.core.metadata.StoreReader;
import dev.taffrail.core.metadata.StoreSnapshot;

/** A store with a log in it. */
interface LogSource {
  StoreReader store();

  StoreSnapshot snapshot();

  Epochs epochs();

  /** The first stored sequence. */
  long oldest();

  default LogReader reader() {
    return new LogReader(store(), epochs());
  }
}
