package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.StateView;
import dev.taffrail.testkit.linux.LoopDisk;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk: requests are refused, outcomes are recorded, nothing is lost, the log goes on. */
class FullDiskTest {
  private static final long DISK = 512L << 20;
  private static final long RESERVE = 48L << 20;

  @TempDir Path directory;

  private static Command<Void> arrive(String berth, String cargo, Command.Lane lane) {
    Command<Void> command =
        Command.request(
            Harbour.ORIGIN,
            view ->
                Decision.of(
                    Harbour.berth(berth),
                    new HarbourEvent.TakenV2("ship " + berth, Optional.of(cargo))));
    return new Command<>(
        command.origin(), command.decider(), command.cause(), command.idempotency(), lane, 0);
  }

  private static Kind refusal(Harbour harbour, String berth) {
    try {
      harbour.await(arrive(berth, "tea", Command.Lane.REQUEST));
      return null;
    } catch (RuntimeFailure e) {
      return e.kind();
    }
  }

  @Test
  void theBallastComesAndGoesWithTheRoom() throws IOException {
    AtomicLong free = new AtomicLong(20_000);
    Path ballast = directory.resolve("ballast");
    DiskRoom room = new DiskRoom(ballast, free::get, 10_000);
    room.look();
    room.check();
    assertThat(Files.size(ballast)).isEqualTo(5000);
    free.set(9_999);
    room.look();
    assertThatThrownBy(room::check)
        .hasMessageContaining("no space left on device")
        .extracting(e -> ((RuntimeFailure) e).kind())
        .isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(ballast).exists();
    free.set(2_000);
    room.look();
    assertThat(ballast).doesNotExist();
    // Not while the ballast has no room besides.
    free.set(12_000);
    room.look();
    assertThatThrownBy(room::check).isInstanceOf(RuntimeFailure.class);
    free.set(15_000);
    room.look();
    room.check();
    assertThat(ballast).exists();
    free.set(11_000);
    room.writeFailed();
    assertThat(ballast).doesNotExist();
    assertThatThrownBy(room::check).isInstanceOf(RuntimeFailure.class);
  }

  @Test
  void requestsAreRefusedAndOutcomesRecordedUntilThereIsRoomAgain() {
    Optional<LoopDisk> mounted = LoopDisk.mount(directory, DISK);
    assumeTrue(mounted.isPresent(), "no loop device can be mounted here");
    try (LoopDisk disk = mounted.get()) {
      LogSettings settings =
          Harbour.settings(disk.root().resolve("log"), LogMode.DURABLE).withDiskReserve(RESERVE);
      try (Harbour harbour = Harbour.open(settings)) {
        harbour.await(arrive("first", "tea", Command.Lane.REQUEST));
        disk.fill(RESERVE / 2);
        // The writer looks before each group.
        harbour.await(arrive("exit", "tea", Command.Lane.OUTCOME));
        assertThat(harbour.log().storage().refusing()).isPresent();
        assertThat(refusal(harbour, "second")).isEqualTo(Kind.RESOURCE_EXHAUSTED);
        harbour.await(arrive("relief", "tea", Command.Lane.RELIEF));
        disk.fill(0);
        harbour.await(arrive("exit2", "tea", Command.Lane.OUTCOME));
        assertThat(refusal(harbour, "second")).isEqualTo(Kind.RESOURCE_EXHAUSTED);
        disk.empty();
        harbour.await(arrive("exit3", "tea", Command.Lane.OUTCOME));
        harbour.await(arrive("exit4", "tea", Command.Lane.OUTCOME));
        assertThat(refusal(harbour, "second")).isNull();
        assertThat(harbour.verify().problems()).isEmpty();
      }
      assertThat(LogVerifier.verify(disk.root().resolve("log"), Harbour.CATALOGUE).problems())
          .isEmpty();
    }
  }

  @Test
  void outcomesOutlastWritesThatFail() throws Exception {
    Optional<LoopDisk> mounted = LoopDisk.mount(directory, DISK);
    assumeTrue(mounted.isPresent(), "no loop device can be mounted here");
    try (LoopDisk disk = mounted.get()) {
      Random random = new Random(5);
      LogSettings settings =
          Harbour.settings(disk.root().resolve("log"), LogMode.DURABLE).withDiskReserve(RESERVE);
      List<CompletableFuture<Committed<Void>>> outcomes = new ArrayList<>();
      List<CompletableFuture<Committed<Void>>> requests = new ArrayList<>();
      Cursor before;
      try (Harbour harbour = Harbour.open(settings)) {
        before = harbour.await(arrive("first", "tea", Command.Lane.REQUEST)).cursor();
        disk.fill(2L << 20);
        // More than there is room for, the ballast included: writes fail in the middle.
        for (int i = 0; i < 100; i++) {
          byte[] noise = new byte[250_000];
          random.nextBytes(noise);
          String cargo = HexFormat.of().formatHex(noise);
          outcomes.add(harbour.log().submit(arrive("o" + i, cargo, Command.Lane.OUTCOME)));
          requests.add(harbour.log().submit(arrive("r" + i, cargo, Command.Lane.RELIEF)));
        }
        for (CompletableFuture<Committed<Void>> request : requests) {
          Optional<Throwable> failure =
              request.handle((done, e) -> Optional.ofNullable(e)).get(60, TimeUnit.SECONDS);
          failure.ifPresent(
              e ->
                  assertThat(RuntimeFailure.kindOf(e))
                      .isIn(Kind.OUTCOME_UNKNOWN, Kind.UNAVAILABLE));
        }
        assertThat(requests)
            .anyMatch(
                request ->
                    request.isCompletedExceptionally()
                        && RuntimeFailure.kindOf(request.handle((done, e) -> e).join())
                            == Kind.OUTCOME_UNKNOWN);
        disk.empty();
        for (CompletableFuture<Committed<Void>> outcome : outcomes) {
          outcome.get(60, TimeUnit.SECONDS);
        }
        harbour.await(arrive("last", "tea", Command.Lane.OUTCOME));
        for (int i = 0; i < 100; i++) {
          String berth = "o" + i;
          assertThat(harbour.log().<Boolean>read(view -> berthed(view, berth))).isTrue();
        }
        assertThat(harbour.log().head().epoch()).isEqualTo(before.epoch());
        assertThat(harbour.verify().problems()).isEmpty();
      }
    }
  }

  private static boolean berthed(StateView view, String berth) {
    return view.find(HarbourEvent.BERTHS, berth).isPresent();
  }

  @Test
  void aLogOpensOnAFullDisk() {
    Optional<LoopDisk> mounted = LoopDisk.mount(directory, DISK);
    assumeTrue(mounted.isPresent(), "no loop device can be mounted here");
    try (LoopDisk disk = mounted.get()) {
      LogSettings settings =
          Harbour.settings(disk.root().resolve("log"), LogMode.DURABLE).withDiskReserve(RESERVE);
      try (Harbour harbour = Harbour.open(settings)) {
        harbour.await(arrive("first", "tea", Command.Lane.REQUEST));
        // The ballast is written by then.
        harbour.await(arrive("second", "tea", Command.Lane.REQUEST));
      }
      disk.fill(0);
      try (Harbour harbour = Harbour.open(settings)) {
        harbour.await(arrive("exit", "tea", Command.Lane.OUTCOME));
        assertThat(refusal(harbour, "third")).isEqualTo(Kind.RESOURCE_EXHAUSTED);
        assertThat(harbour.verify().problems()).isEmpty();
      }
    }
  }
}
