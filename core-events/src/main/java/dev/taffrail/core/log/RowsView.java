package dev.taffrail.core.log;

import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads rows as the records they hold. */
final class RowsView implements StateView {
  private final RowSource rows;
  private final long sequence;

  RowsView(RowSource rows, long sequence) {
    this.rows = rows;
    this.sequence = sequence;
  }

  @Override
  public <T> Optional<T> find(Table<T> table, String namespace, String id) {
    return rows.find(RowKey.of(table, namespace, id)).map(row -> row.value(table));
  }

  @Override
  public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
    return rowsOf(table, namespace, idPrefix);
  }

  @Override
  public <T> List<Row<T>> listAll(Table<T> table) {
    return rowsOf(table, null, "");
  }

  private <T> List<Row<T>> rowsOf(Table<T> table, String namespace, String idPrefix) {
    List<Row<T>> found = new ArrayList<>();
    rows.list(table.name(), namespace, idPrefix)
        .forEach(
            (key, row) ->
                found.add(new Row<>(key.namespace(), key.id(), row.sequence(), row.value(table))));
    return found;
  }

  @Override
  public long sequence() {
    return sequence;
  }
}
