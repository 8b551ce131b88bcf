package dev.taffrail.core.log;

import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.StoreSnapshot;

/** A store that is fit to be written to. */
record OpenedLog(MetadataStore store, LogWriter writer, HeadFile headFile, Epochs epochs)
    implements LogSource, AutoCloseable {
  @Override
  public StoreSnapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public long oldest() {
    return writer.head().oldest();
  }

  /** Says in the head file how far the log has come. */
  void mark(LogMode mode, boolean closed) {
    HeadRow head = writer.head();
    headFile.write(
        new HeadFile.Mark(
            writer.logId(), head.cursor(), head.hash(), closed, mode == LogMode.RELAXED));
  }

  @Override
  public void close() {
    store.close();
    headFile.close();
  }
}
