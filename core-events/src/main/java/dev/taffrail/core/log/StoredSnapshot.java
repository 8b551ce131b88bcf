package dev.taffrail.core.log;

import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.util.List;
import java.util.Optional;

/** State at one moment, on a snapshot of the store. */
final class StoredSnapshot implements Snapshot {
  private final StoreSnapshot store;
  private final Cursor cursor;
  private final RowsView view;

  StoredSnapshot(StoreSnapshot store, RowSource rows, Cursor cursor) {
    this.store = store;
    this.cursor = cursor;
    this.view = new RowsView(rows, cursor.sequence());
  }

  @Override
  public <T> Optional<T> find(Table<T> table, String namespace, String id) {
    return view.find(table, namespace, id);
  }

  @Override
  public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
    return view.list(table, namespace, idPrefix);
  }

  @Override
  public <T> List<Row<T>> listAll(Table<T> table) {
    return view.listAll(table);
  }

  @Override
  public long sequence() {
    return cursor.sequence();
  }

  @Override
  public Cursor cursor() {
    return cursor;
  }

  @Override
  public void close() {
    store.close();
  }
}
