package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.StateChange;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The lives of containers, read off what events do to their status. */
final class Lanes {
  private static final String SUBJECT_TYPE = ContainerEvent.subject("any").type();

  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private Instant last = Instant.EPOCH;
  private long places;

  private Lanes() {}

  /** Plays on to {@code end}; a life that had begun before is drawn from here on. */
  static Lanes of(Playback playback, Cursor end) {
    Lanes lanes = new Lanes();
    List<Row<ContainerStatus>> there = playback.state().list(ContainerEvent.CONTAINERS);
    Optional<Playback.Step> here = playback.here();
    // What happened at the oldest moment is not kept: its time is taken to be that of what follows.
    Optional<Playback.Step> next = here.isPresent() ? Optional.empty() : playback.forward();
    here.or(() -> next).ifPresent(step -> lanes.begin(there, step.event().header().time()));
    next.filter(step -> step.event().header().sequence() <= end.sequence()).ifPresent(lanes::add);
    boolean more = true;
    while (more && playback.cursor().sequence() < end.sequence()) {
      Optional<Playback.Step> step = playback.forward();
      step.ifPresent(lanes::add);
      more = step.isPresent();
    }
    return lanes;
  }

  private void begin(List<Row<ContainerStatus>> there, Instant start) {
    last = start;
    there.forEach(
        row ->
            lane(row.id(), row.value().name())
                .enter(new Lane.Stage(row.value().phase(), start, 0, Optional.empty())));
  }

  private Lane lane(String id, String name) {
    return lanes.computeIfAbsent(id, key -> new Lane(key, name));
  }

  private void add(Playback.Step step) {
    Instant time = step.event().header().time();
    last = time;
    places++;
    for (StateChange change : step.changes()) {
      if (change.table().equals(ContainerEvent.CONTAINERS.name())) {
        change(change, time);
      }
    }
    Subject subject = step.event().header().subject();
    if (subject.type().equals(SUBJECT_TYPE)) {
      Optional.ofNullable(lanes.get(subject.id())).ifPresent(lane -> lane.steps().add(step));
    }
  }

  private void change(StateChange change, Instant time) {
    if (change.after().isEmpty()) {
      lane(change.id(), "").remove(new Lane.Stage(Phase.REMOVING, time, places, Optional.empty()));
      return;
    }
    JsonNode status = change.after().get();
    Lane lane = lane(change.id(), status.path("name").asText());
    Phase phase = Phase.valueOf(status.path("phase").asText().toUpperCase(Locale.ROOT));
    Optional<Phase> was = lane.phase();
    if (was.isPresent() && was.get() == phase) {
      return;
    }
    boolean ended = was.isPresent() && (phase == Phase.EXITED || phase == Phase.RESTARTING);
    lane.enter(
        new Lane.Stage(
            phase,
            time,
            places,
            ended ? Optional.of(status.path("exitCode").asInt()) : Optional.empty()));
  }

  /** In the order of their creation. */
  List<Lane> all() {
    return List.copyOf(lanes.values());
  }

  /** Those with this name, or whose id begins so. */
  List<Lane> of(String nameOrId) {
    List<Lane> named = all().stream().filter(lane -> lane.name().equals(nameOrId)).toList();
    return named.isEmpty()
        ? all().stream().filter(lane -> lane.id().startsWith(nameOrId)).toList()
        : named;
  }

  /**
   * A part of the log.
   *
   * @param firstPlace of its first event, as {@link Lane.Stage#place} counts
   */
  record Part(Instant first, Instant last, long firstPlace, long lastPlace) {}

  /** From the first to the last event about these lives; to the end for one that goes on. */
  Part part(List<Lane> lives) {
    List<Lane.Stage> stages = lives.stream().flatMap(lane -> lane.stages().stream()).toList();
    Optional<Lane.Stage> begin = stages.stream().min(Comparator.comparing(Lane.Stage::place));
    boolean over = lives.stream().allMatch(lane -> lane.removed().isPresent());
    Optional<Lane.Stage> end =
        lives.stream()
            .flatMap(lane -> lane.removed().stream())
            .max(Comparator.comparing(Lane.Stage::place))
            .filter(stage -> over);
    return new Part(
        begin.map(Lane.Stage::from).orElse(last),
        end.map(Lane.Stage::from).orElse(last),
        begin.map(Lane.Stage::place).orElse(0L),
        end.map(Lane.Stage::place).orElse(places));
  }
}
