package dev.taffrail.core.log;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rows behind a view of the state, so that events can be folded over them. */
final class SnapshotRows implements RowSource {
  private final EventCatalogue catalogue;
  private final StateView view;

  SnapshotRows(EventCatalogue catalogue, StateView view) {
    this.catalogue = catalogue;
    this.view = view;
  }

  @Override
  public Optional<StoredRow> find(RowKey key) {
    return Optional.ofNullable(list(key.table(), key.namespace(), key.id()).get(key));
  }

  @Override
  public SortedMap<RowKey, StoredRow> list(String table, String namespace, String idPrefix) {
    SortedMap<RowKey, StoredRow> rows = new TreeMap<>();
    catalogue.table(table).ifPresent(known -> put(rows, known, namespace, idPrefix));
    return rows;
  }

  private <T> void put(
      SortedMap<RowKey, StoredRow> rows, Table<T> table, String namespace, String idPrefix) {
    for (Row<T> row :
        namespace == null ? view.listAll(table) : view.list(table, namespace, idPrefix)) {
      rows.put(
          RowKey.of(table, row.namespace(), row.id()),
          StoredRow.of(table, row.sequence(), row.value()));
    }
  }
}
