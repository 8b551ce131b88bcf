package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import java.util.List;
import java.util.Optional;

/** Finds a container by what its user calls it. */
interface ContainerIndex {
  boolean has(String id);

  /** The id that holds {@code name}, which has no leading slash. */
  Optional<String> named(String name);

  /** Two ids at most: that is enough to tell that a prefix is ambiguous. */
  List<String> startingWith(String prefix);

  /**
   * Docker's order: the full id, the name with or without a leading slash, a unique prefix of an
   * id. NOT_FOUND and INVALID_ARGUMENT in Docker's words.
   */
  default String resolve(String name) {
    if (name.isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid name or ID supplied: \"\"");
    }
    if (has(name)) {
      return name;
    }
    Optional<String> holder = named(name.startsWith("/") ? name.substring(1) : name);
    if (holder.isPresent()) {
      return holder.get();
    }
    List<String> found = startingWith(name);
    if (found.size() > 1) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "multiple IDs found with provided prefix: " + name);
    }
    if (found.isEmpty()) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No such container: " + name);
    }
    return found.get(0);
  }

  /** The containers of one moment of the log. */
  static ContainerIndex of(StateView view) {
    return new ContainerIndex() {
      @Override
      public boolean has(String id) {
        return view.find(ContainerEvent.CONTAINERS, id).isPresent();
      }

      @Override
      public Optional<String> named(String name) {
        return name.isEmpty()
            ? Optional.empty()
            : view.find(ContainerEvent.NAMES, name).map(Reservation::owner);
      }

      @Override
      public List<String> startingWith(String prefix) {
        return view.list(ContainerEvent.CONTAINERS, Subject.DEFAULT_NAMESPACE, prefix).stream()
            .limit(2)
            .map(Row::id)
            .toList();
      }
    };
  }
}
