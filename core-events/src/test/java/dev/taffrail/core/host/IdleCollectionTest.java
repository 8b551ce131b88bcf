package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleCollectionTest {
  private static final long LIVING = 10L << 20;
  private static final long GARBAGE = 5L << 20;

  private long ticks = 500;
  private long used = LIVING + GARBAGE;
  private int collections;
  private final IdleCollection collection =
      new IdleCollection(
          () -> ticks,
          () -> used,
          () -> {
            collections++;
            ticks += 5;
            used = LIVING;
          });

  @Test
  void anIdleDaemonCollectsOnce() {
    collection.look();
    assertThat(collections).isZero();
    collection.look();
    collection.look();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  void aBusyDaemonDoesNot() {
    for (int i = 0; i < 5; i++) {
      ticks += 100;
      collection.look();
    }
    assertThat(collections).isZero();
  }

  @Test
  void newGarbageIsCollectedOnceThereIsEnoughOfIt() {
    collection.look();
    collection.look();
    used += 1 << 20;
    collection.look();
    assertThat(collections).isEqualTo(1);
    used += GARBAGE;
    collection.look();
    assertThat(collections).isEqualTo(2);
  }

  @Test
  void ticksAreThoseOfUserAndSystem() {
    assertThat(
            IdleCollection.ticks(
                "7 (a (b) c) S 1 7 7 0 -1 4194560 1 2 3 4 310 25 0 0 20 0 30 0 9 1 2 3\n"))
        .isEqualTo(335);
  }
}
