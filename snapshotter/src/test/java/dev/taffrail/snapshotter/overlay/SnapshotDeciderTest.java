package dev.taffrail.snapshotter.overlay;

import static dev.taffrail.core.snapshot.SnapshotEvent.SNAPSHOTS;
import static dev.taffrail.core.snapshot.SnapshotEvent.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.snapshot.SnapshotEvent;
import dev.taffrail.core.snapshot.SnapshotEvent.Committed;
import dev.taffrail.core.snapshot.SnapshotEvent.Prepared;
import dev.taffrail.core.snapshot.SnapshotEvent.Removed;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.SnapshotKind;
import dev.taffrail.testkit.Scenario;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SnapshotDeciderTest {
  private static final String OVERLAY = "overlay";
  private static final SnapshotDecider DECIDER = new SnapshotDecider(OVERLAY);
  private static final SnapshotKey KEY = new SnapshotKey("key");
  private static final SnapshotKey BASE = new SnapshotKey("base");
  private static final SnapshotKey TOP = new SnapshotKey("top");
  private static final Scenario NOTHING = Scenario.of(SnapshotEvent.FAMILY);

  /** {@code top} in directory 2 on {@code base} in directory 1. */
  private static final Scenario LAYERS =
      NOTHING
          .given(prepare("one", SnapshotKind.ACTIVE, Optional.empty(), 1))
          .given(commit(BASE, "one"))
          .given(prepare("two", SnapshotKind.ACTIVE, Optional.of(BASE), 2))
          .given(commit(TOP, "two"));

  private static Decider<SnapshotDecider.Prepared> prepare(
      String key, SnapshotKind kind, Optional<SnapshotKey> parent, long directory) {
    return view ->
        DECIDER.prepare(view, new SnapshotKey(key), kind, parent, directory, Map.of("l", "v"));
  }

  private static Decider<Void> commit(SnapshotKey name, String key) {
    return view -> DECIDER.commit(view, name, new SnapshotKey(key), 7, Map.of());
  }

  private static Decider<Long> remove(SnapshotKey key) {
    return view -> DECIDER.remove(view, key);
  }

  private static SnapshotInfo info(Scenario scenario, SnapshotKey key) {
    return DECIDER.get(scenario.state(), key);
  }

  @Test
  void prepareWithoutAParent() {
    NOTHING
        .when(prepare("key", SnapshotKind.ACTIVE, Optional.empty(), 9))
        .thenEvents(
            subject(OVERLAY, KEY),
            new Prepared(OVERLAY, KEY, SnapshotKind.ACTIVE, Optional.empty(), 9, Map.of("l", "v")))
        .thenReply(new SnapshotDecider.Prepared(9, List.of()));
  }

  @Test
  void prepareNamesItsParentsNearestFirst() {
    LAYERS
        .when(prepare("key", SnapshotKind.VIEW, Optional.of(TOP), 9))
        .thenReply(new SnapshotDecider.Prepared(9, List.of(2L, 1L)))
        .thenState(
            view -> {
              assertThat(DECIDER.get(view, KEY).kind()).isEqualTo(SnapshotKind.VIEW);
              assertThat(DECIDER.get(view, TOP).children()).isEqualTo(1);
              assertThat(DECIDER.get(view, BASE).children()).isEqualTo(1);
            });
  }

  @Test
  void prepareRefusesInContainerdsWords() {
    LAYERS
        .when(prepare("top", SnapshotKind.ACTIVE, Optional.empty(), 9))
        .thenRejected(Kind.ALREADY_EXISTS, "snapshot top: already exists");
    LAYERS
        .when(prepare("key", SnapshotKind.ACTIVE, Optional.of(KEY), 9))
        .thenRejected(Kind.NOT_FOUND, "parent snapshot key does not exist: not found");
    LAYERS
        .given(prepare("open", SnapshotKind.ACTIVE, Optional.empty(), 3))
        .when(prepare("key", SnapshotKind.ACTIVE, Optional.of(new SnapshotKey("open")), 9))
        .thenRejected(
            Kind.INVALID_ARGUMENT, "parent open is not committed snapshot: invalid argument");
  }

  @Test
  void commitFreesTheKeyAndKeepsTheDirectory() {
    NOTHING
        .given(prepare("key", SnapshotKind.ACTIVE, Optional.empty(), 9))
        .when(commit(TOP, "key"))
        .thenEvents(subject(OVERLAY, TOP), new Committed(OVERLAY, KEY, TOP, 7, Map.of()))
        .thenState(
            view -> {
              assertThat(DECIDER.find(view, KEY)).isEmpty();
              SnapshotInfo info = DECIDER.get(view, TOP);
              assertThat(info.kind()).isEqualTo(SnapshotKind.COMMITTED);
              assertThat(info.directory()).isEqualTo(9);
              assertThat(info.size()).isEqualTo(OptionalLong.of(7));
            });
  }

  @Test
  void commitRefusals() {
    LAYERS.when(commit(KEY, "none")).thenRejected(Kind.NOT_FOUND, "snapshot none does not exist");
    LAYERS
        .when(commit(KEY, "top"))
        .thenRejected(Kind.FAILED_PRECONDITION, "snapshot top is not active");
    LAYERS
        .given(prepare("key", SnapshotKind.VIEW, Optional.of(TOP), 9))
        .when(commit(new SnapshotKey("new"), "key"))
        .thenRejected(Kind.FAILED_PRECONDITION, "snapshot key is not active");
    LAYERS
        .given(prepare("key", SnapshotKind.ACTIVE, Optional.of(TOP), 9))
        .when(commit(BASE, "key"))
        .thenRejected(Kind.ALREADY_EXISTS, "snapshot base: already exists");
  }

  @Test
  void removeFreesTheDirectoryAndItsParent() {
    LAYERS
        .when(remove(TOP))
        .thenEvents(subject(OVERLAY, TOP), new Removed(OVERLAY, TOP))
        .thenReply(2L)
        .thenState(view -> assertThat(DECIDER.get(view, BASE).children()).isZero());
    assertThat(info(LAYERS, BASE).children()).isEqualTo(1);
  }

  @Test
  void removeRefusals() {
    LAYERS
        .when(remove(BASE))
        .thenRejected(Kind.FAILED_PRECONDITION, "cannot remove snapshot with child");
    LAYERS.when(remove(KEY)).thenRejected(Kind.NOT_FOUND, "snapshot key does not exist: not found");
  }

  @Test
  void snapshottersDoNotSeeEachOther() {
    SnapshotDecider other = new SnapshotDecider("copy");
    assertThat(other.list(LAYERS.state())).isEmpty();
    assertThat(LAYERS.state().list(SNAPSHOTS)).hasSize(2);
    LAYERS
        .when(view -> other.prepare(view, TOP, SnapshotKind.ACTIVE, Optional.empty(), 1, Map.of()))
        .thenReply(new SnapshotDecider.Prepared(1, List.of()));
  }
}
