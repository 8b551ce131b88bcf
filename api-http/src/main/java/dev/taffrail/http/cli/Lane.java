package dev.taffrail.http.cli;

import dev.taffrail.core.container.Phase;
import dev.taffrail.core.log.Playback;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The life of one container in a part of a log. */
final class Lane {
  /**
   * A phase of the life.
   *
   * @param place of the event that it began with, counted from 1 within the part; 0 when it had
   *     begun before
   * @param exitCode with which a run ended, when this phase follows one
   */
  record Stage(Phase phase, Instant from, long place, Optional<Integer> exitCode) {}

  private final String id;
  private final String name;
  private final List<Stage> stages = new ArrayList<>();
  private final List<Playback.Step> steps = new ArrayList<>();
  private Optional<Stage> removed = Optional.empty();

  Lane(String id, String name) {
    this.id = id;
    this.name = name;
  }

  String id() {
    return id;
  }

  String name() {
    return name;
  }

  /** In order; the first may have begun before the part of the log. */
  List<Stage> stages() {
    return stages;
  }

  /** The events about the container. */
  List<Playback.Step> steps() {
    return steps;
  }

  /** When it was removed; its phase is REMOVING. */
  Optional<Stage> removed() {
    return removed;
  }

  void enter(Stage stage) {
    stages.add(stage);
  }

  void remove(Stage stage) {
    removed = Optional.of(stage);
  }

  Optional<Phase> phase() {
    return stages.isEmpty() ? Optional.empty() : Optional.of(stages.get(stages.size() - 1).phase());
  }
}
