package dev.taffrail.core.log;

import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.util.Optional;

/** A store whose writes do something of the test's before and after they happen. */
final class GatedStore implements MetadataStore {
  private final MetadataStore store;
  private final Runnable before;
  private final Runnable after;

  GatedStore(MetadataStore store, Runnable before, Runnable after) {
    this.store = store;
    this.before = before;
    this.after = after;
  }

  @Override
  public void write(Batch batch, boolean sync) {
    before.run();
    store.write(batch, sync);
    after.run();
  }

  @Override
  public Batch newBatch() {
    return store.newBatch();
  }

  @Override
  public void writeUnlogged(Batch batch) {
    store.writeUnlogged(batch);
  }

  @Override
  public void sync() {
    store.sync();
  }

  @Override
  public void flush() {
    store.flush();
  }

  @Override
  public void compact(ColumnFamily family, byte[] from, byte[] to) {
    store.compact(family, from, to);
  }

  @Override
  public boolean hasSnapshots() {
    return store.hasSnapshots();
  }

  @Override
  public long tableBytes(ColumnFamily family) {
    return store.tableBytes(family);
  }

  @Override
  public long diskBytes() {
    return store.diskBytes();
  }

  @Override
  public StoreSnapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public Optional<byte[]> get(ColumnFamily family, byte[] key) {
    return store.get(family, key);
  }

  @Override
  public Scan scan(ColumnFamily family, byte[] from, byte[] to) {
    return store.scan(family, from, to);
  }

  @Override
  public Optional<Entry> floor(ColumnFamily family, byte[] key) {
    return store.floor(family, key);
  }

  @Override
  public void close() {
    store.close();
  }
}
