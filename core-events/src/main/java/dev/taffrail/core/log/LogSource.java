package dev.taffrail.core.log;

import dev.taffrail.core.metadata.MetadataStore;

/** A store with a log in it. */
interface LogSource {
  MetadataStore store();

  Epochs epochs();

  /** The first stored sequence. */
  long oldest();

  default LogReader reader() {
    return new LogReader(store(), epochs());
  }
}
