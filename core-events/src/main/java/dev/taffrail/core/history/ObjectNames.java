package dev.taffrail.core.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.log.LogIndex;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.RowKey;
import dev.taffrail.core.log.RowVersion;
import dev.taffrail.core.network.NetworkEvent;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds the object that people mean, also one that is gone: {@code web}, {@code containers/web},
 * {@code images/busybox}, {@code networks/back}, {@code default/containers/4f2a91}. An id may be
 * cut to a beginning that is its own; a name stands for whoever held it last, up to a moment.
 */
public final class ObjectNames {
  private static final String CONTAINERS = "containers";
  private static final String IMAGES = "images";
  private static final String NETWORKS = "networks";
  private static final String SHA256 = "sha256:";

  private final EventCatalogue catalogue;
  private final LogIndex index;
  private final long moment;

  private ObjectNames(ReadableLog log, long moment) {
    this.catalogue = log.catalogue();
    this.index = log.index();
    this.moment = moment;
  }

  /**
   * The subject meant by {@code text}.
   *
   * @param moment a sequence: names are those of then, or the last before
   * @throws RuntimeFailure NOT_FOUND when the log knows no such object, INVALID_ARGUMENT when
   *     several ids begin so
   */
  public static Subject resolve(ReadableLog log, String text, long moment) {
    ObjectNames names = new ObjectNames(log, moment);
    String[] parts = text.split("/", 3);
    Optional<Subject> found = Optional.empty();
    if (parts.length == 3) {
      found = names.find(parts[0], parts[1], parts[2]);
    }
    if (found.isEmpty() && parts.length > 1) {
      found =
          names.find(Subject.DEFAULT_NAMESPACE, parts[0], text.substring(parts[0].length() + 1));
    }
    if (found.isEmpty() && parts.length == 1) {
      found = names.find(Subject.DEFAULT_NAMESPACE, CONTAINERS, text);
    }
    return found.orElseThrow(
        () ->
            new RuntimeFailure(
                Kind.NOT_FOUND,
                "The log knows no object "
                    + text
                    + log.beyond().map(where -> "; " + where).orElse("")));
  }

  /** A row as {@code <table>/<id>} or {@code <table>/<namespace>/<id>}; NOT_FOUND when unknown. */
  public static RowKey resolveRow(ReadableLog log, String text) {
    String[] parts = text.split("/", 3);
    if (parts.length > 1 && log.catalogue().table(parts[0]).isPresent()) {
      LogIndex index = log.index();
      long head = log.head().sequence();
      RowKey plain =
          new RowKey(parts[0], Subject.DEFAULT_NAMESPACE, text.substring(parts[0].length() + 1));
      if (index.lastVersion(plain, head).isPresent()) {
        return plain;
      }
      if (parts.length == 3) {
        RowKey full = new RowKey(parts[0], parts[1], parts[2]);
        if (index.lastVersion(full, head).isPresent()) {
          return full;
        }
      }
    }
    throw new RuntimeFailure(
        Kind.NOT_FOUND, "The log knows no row " + text + " (expected <table>/[<namespace>/]<id>)");
  }

  private Optional<Subject> find(String namespace, String type, String name) {
    if (namespace.isEmpty() || type.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    Subject exact = new Subject(namespace, type, name);
    if (isKnown(exact)) {
      return Optional.of(exact);
    }
    Optional<Subject> named =
        switch (type) {
          case CONTAINERS -> holder(ContainerEvent.NAMES, "owner", exact, name);
          case NETWORKS -> holder(NetworkEvent.NAMES, "owner", exact, name);
          case IMAGES ->
              reference(name)
                  .flatMap(normal -> holder(ImageEvent.REFERENCES, "image", exact, normal));
          default -> Optional.empty();
        };
    return named
        .or(() -> beginning(exact, name))
        .or(() -> type.equals(IMAGES) ? beginning(exact, SHA256 + name) : Optional.empty());
  }

  private static Optional<String> reference(String name) {
    try {
      return Optional.of(ImageReference.parse(name).withDefaultTag().toString());
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }

  /** Whoever holds the name at the moment, or held it last. */
  private Optional<Subject> holder(Table<?> table, String field, Subject object, String name) {
    RowKey row = new RowKey(table.name(), object.namespace(), name);
    Optional<RowVersion> version = index.lastVersion(row, moment);
    if (version.isPresent() && version.get().value().isEmpty()) {
      version = index.lastVersion(row, version.get().sequence() - 1);
    }
    return version
        .flatMap(RowVersion::value)
        .map(value -> value.path(field))
        .filter(JsonNode::isTextual)
        .map(id -> new Subject(object.namespace(), object.type(), id.asText()));
  }

  /** By its events, or by its rows: the events may be truncated or lost. */
  private boolean isKnown(Subject object) {
    return !index.ofSubject(object, 0, Long.MAX_VALUE - 1).isEmpty()
        || tables(object)
            .map(table -> new RowKey(table, object.namespace(), object.id()))
            .anyMatch(row -> index.lastVersion(row, Long.MAX_VALUE - 1).isPresent());
  }

  private Stream<String> tables(Subject object) {
    return ObjectTypes.tables(catalogue, object.type()).stream().map(Table::name);
  }

  private Optional<Subject> beginning(Subject object, String prefix) {
    Set<String> found = new TreeSet<>();
    index
        .subjects(object.namespace(), object.type(), prefix, 2)
        .forEach(subject -> found.add(subject.id()));
    tables(object)
        .forEach(table -> found.addAll(index.rowIds(table, object.namespace(), prefix, 2)));
    if (found.size() > 1) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Several of the " + object.type() + " begin with " + prefix + ": " + found);
    }
    return found.stream().findFirst().map(id -> new Subject(object.namespace(), object.type(), id));
  }
}
