package dev.taffrail.core.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The events of one sealed interface, with an applier for each and the tables they change. Building
 * fails when a permitted record has no applier.
 *
 * <pre>{@code
 * static final Table<Berth> BERTHS = Table.of("berths", Berth.class);
 * static final EventFamily<HarbourEvent> FAMILY =
 *     EventFamily.of(HarbourEvent.class)
 *         .tables(BERTHS)
 *         .on("dev.taffrail.berth.taken.v1", Taken.class, (rows, event) ->
 *             rows.put(BERTHS, rows.subject().id(), new Berth(event.ship())))
 *         .on("dev.taffrail.berth.left.v1", Left.class, (rows, event) ->
 *             rows.remove(BERTHS, rows.subject().id()))
 *         .build();
 * }</pre>
 */
public final class EventFamily<F extends Event> {
  private final Class<F> sealedType;
  private final List<EventDefinition<? extends F>> definitions;
  private final Set<Table<?>> tables;

  private EventFamily(Builder<F> builder) {
    this.sealedType = builder.sealedType;
    this.definitions = List.copyOf(builder.definitions);
    this.tables = Set.copyOf(builder.tables);
  }

  public static <F extends Event> Builder<F> of(Class<F> sealedType) {
    return new Builder<>(sealedType);
  }

  public Class<F> sealedType() {
    return sealedType;
  }

  public List<EventDefinition<? extends F>> definitions() {
    return definitions;
  }

  public Set<Table<?>> tables() {
    return tables;
  }

  /** Collects the appliers of a family. */
  public static final class Builder<F extends Event> {
    private final Class<F> sealedType;
    private final List<EventDefinition<? extends F>> definitions = new ArrayList<>();
    private final Set<Table<?>> tables = new LinkedHashSet<>();

    private Builder(Class<F> sealedType) {
      if (!sealedType.isSealed()) {
        throw new IllegalArgumentException(sealedType + " is not a sealed event family");
      }
      this.sealedType = sealedType;
    }

    public Builder<F> tables(Table<?>... changed) {
      tables.addAll(Arrays.asList(changed));
      return this;
    }

    public <E extends F> Builder<F> on(String type, Class<E> eventClass, Applier<E> applier) {
      return on(type, 1, eventClass, applier);
    }

    public <E extends F> Builder<F> on(
        String type, int revision, Class<E> eventClass, Applier<E> applier) {
      for (EventDefinition<? extends F> known : definitions) {
        if (known.type().equals(type) || known.eventClass() == eventClass) {
          throw new IllegalArgumentException(
              "Two appliers for " + type + " or " + eventClass.getName());
        }
      }
      definitions.add(new EventDefinition<>(type, revision, eventClass, applier));
      return this;
    }

    /** IllegalStateException when a permitted record has no applier. */
    public EventFamily<F> build() {
      Set<String> missing = new TreeSet<>();
      for (Class<?> permitted : sealedType.getPermittedSubclasses()) {
        if (definitions.stream().noneMatch(known -> known.eventClass() == permitted)) {
          missing.add(permitted.getSimpleName());
        }
      }
      if (!missing.isEmpty()) {
        throw new IllegalStateException(
            sealedType.getSimpleName() + " has no applier for " + missing);
      }
      return new EventFamily<>(this);
    }
  }
}
