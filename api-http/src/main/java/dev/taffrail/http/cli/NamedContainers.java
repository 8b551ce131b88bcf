package dev.taffrail.http.cli;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.event.StateView;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The statuses of containers by name, since people do not know ids by heart. */
final class NamedContainers extends AbstractMap<String, Object> {
  private final StateView view;

  NamedContainers(StateView view) {
    this.view = view;
  }

  @Override
  public Object get(Object name) {
    return view.find(ContainerEvent.NAMES, String.valueOf(name))
        .flatMap(reservation -> view.find(ContainerEvent.CONTAINERS, reservation.owner()))
        .map(Values::of)
        .orElse(null);
  }

  @Override
  public boolean containsKey(Object name) {
    return get(name) != null;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Map<String, Object> statuses = new LinkedHashMap<>();
    view.list(ContainerEvent.CONTAINERS)
        .forEach(row -> statuses.put(row.value().name(), Values.of(row.value())));
    return statuses.entrySet();
  }
}
