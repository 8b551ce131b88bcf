package dev.taffrail.containers;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The ids and names of all containers, in memory, so that a call finds its container in the tick in
 * which it arrives: whoever waits is registered before anything else can happen. Confined to the
 * plugin's context.
 */
final class Roster implements ContainerIndex {
  private final NavigableMap<String, String> names = new TreeMap<>();
  private final Map<String, String> ids = new HashMap<>();
  private final Set<String> expected = new HashSet<>();

  /** A create is under way: what carries this id is no orphan. */
  void expect(String id) {
    expected.add(id);
  }

  /** The create is over, well or not. */
  void settle(String id) {
    expected.remove(id);
  }

  void add(String id, String name) {
    names.put(id, name);
    ids.put(name, id);
  }

  void remove(String id) {
    String name = names.remove(id);
    if (name != null) {
      ids.remove(name, id);
    }
  }

  /** Whether anything that carries this id may be taken away. */
  boolean isOrphan(String id) {
    return !names.containsKey(id) && !expected.contains(id);
  }

  @Override
  public boolean has(String id) {
    return names.containsKey(id);
  }

  @Override
  public Optional<String> named(String name) {
    return Optional.ofNullable(ids.get(name));
  }

  @Override
  public List<String> startingWith(String prefix) {
    return names.tailMap(prefix, true).keySet().stream()
        .takeWhile(id -> id.startsWith(prefix))
        .limit(2)
        .toList();
  }
}
