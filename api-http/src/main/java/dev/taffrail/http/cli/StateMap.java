package dev.taffrail.http.cli;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The state of a namespace as a map of maps: table → id → row. A row is read when it is asked for.
 * INVALID_ARGUMENT for a table that does not exist, which would never have a row.
 */
final class StateMap extends AbstractMap<String, Object> {
  private final EventCatalogue catalogue;
  private final StateView view;
  private final String namespace;

  StateMap(EventCatalogue catalogue, StateView view, String namespace) {
    this.catalogue = catalogue;
    this.view = view;
    this.namespace = namespace;
  }

  private Table<?> table(Object name) {
    return catalogue
        .table(String.valueOf(name))
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.INVALID_ARGUMENT,
                    "The state has no "
                        + name
                        + "; it has "
                        + catalogue.tables().stream()
                            .map(Table::name)
                            .collect(Collectors.joining(", "))));
  }

  @Override
  public Object get(Object name) {
    return new TableMap<>(table(name), view, namespace);
  }

  @Override
  public boolean containsKey(Object name) {
    return table(name) != null;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Map<String, Object> tables = new LinkedHashMap<>();
    catalogue.tables().forEach(table -> tables.put(table.name(), get(table.name())));
    return tables.entrySet();
  }

  private static final class TableMap<T> extends AbstractMap<String, Object> {
    private final Table<T> table;
    private final StateView view;
    private final String namespace;

    TableMap(Table<T> table, StateView view, String namespace) {
      this.table = table;
      this.view = view;
      this.namespace = namespace;
    }

    @Override
    public Object get(Object id) {
      return view.find(table, namespace, String.valueOf(id)).map(Values::of).orElse(null);
    }

    @Override
    public boolean containsKey(Object id) {
      return view.find(table, namespace, String.valueOf(id)).isPresent();
    }

    @Override
    public int size() {
      return view.list(table, namespace, "").size();
    }

    /** The values are converted when somebody looks at them: most only count or filter by id. */
    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      List<Row<T>> rows = view.list(table, namespace, "");
      return new AbstractSet<>() {
        @Override
        public Iterator<Map.Entry<String, Object>> iterator() {
          return rows.stream().<Map.Entry<String, Object>>map(LazyEntry::new).iterator();
        }

        @Override
        public int size() {
          return rows.size();
        }
      };
    }
  }

  private record LazyEntry(Row<?> row) implements Map.Entry<String, Object> {
    @Override
    public String getKey() {
      return row.id();
    }

    @Override
    public Object getValue() {
      return Values.of(row.value());
    }

    @Override
    public Object setValue(Object value) {
      throw new UnsupportedOperationException();
    }
  }
}
