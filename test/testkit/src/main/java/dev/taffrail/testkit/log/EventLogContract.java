package dev.taffrail.testkit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.Snapshot;
import dev.taffrail.core.log.SubscriptionClosed;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a log promises: order, durability, state derived from events and nothing else, readers
 * without gap or duplicate, answers given once. Extend it with a way to open a log.
 */
public abstract class EventLogContract {
  @TempDir Path directory;

  /** Opens the log that {@code settings} say, new or as it was left. */
  protected abstract EventLogs.Open open(LogSettings settings, EventCatalogue catalogue);

  protected abstract LogMode mode();

  private LogSettings settings() {
    return Harbour.settings(directory, mode());
  }

  private Harbour open() {
    return open(settings());
  }

  private Harbour open(LogSettings settings) {
    return new Harbour(open(settings, Harbour.CATALOGUE));
  }

  private static Kind kindOf(Runnable call) {
    try {
      call.run();
    } catch (RuntimeFailure e) {
      return e.kind();
    }
    throw new AssertionError("It did not fail");
  }

  @Test
  void aNewLogStartsWithItsFirstEpoch() {
    try (Harbour harbour = open()) {
      LoggedEvent first = harbour.log().find(1).orElseThrow();
      assertThat(first.header().type()).isEqualTo("dev.taffrail.log.epoch-started.v1");
      assertThat(first.header().subject().namespace()).isEqualTo(Subject.SYSTEM_NAMESPACE);
      assertThat(harbour.log().head()).isEqualTo(new Cursor(1, 1));
    }
  }

  @Test
  void whatWasCommittedIsThereAfterTheNextOpening() {
    Cursor head;
    String hash;
    try (Harbour harbour = open()) {
      harbour.take("b1", "Argo");
      head = harbour.take("b2", "Fram").cursor();
      hash = harbour.log().info().hash();
    }
    try (Harbour harbour = open()) {
      assertThat(harbour.log().head()).isEqualTo(head);
      assertThat(harbour.log().info().hash()).isEqualTo(hash);
      assertThat(
              harbour
                  .log()
                  .<Optional<HarbourEvent.Berth>>read(view -> view.find(HarbourEvent.BERTHS, "b2")))
          .contains(new HarbourEvent.Berth("Fram", Optional.of("tea")));
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @Test
  void aDeciderSeesWhatItsGroupHasDecidedAlready() {
    try (Harbour harbour = open()) {
      List<CompletableFuture<Committed<String>>> replies = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        replies.add(harbour.log().submit(Harbour.toggle("b", "Argo")));
      }
      List<String> taken = replies.stream().map(reply -> reply.join().reply()).toList();
      for (int i = 0; i < 100; i++) {
        assertThat(taken.get(i)).isEqualTo(i % 2 == 0 ? "TakenV2" : "Left");
      }
      assertThat(replies.get(99).join().firstSequence()).isEqualTo(101);
    }
  }

  @Test
  void aRejectedCommandLeavesNothing() {
    try (Harbour harbour = open()) {
      Cursor before = harbour.take("b1", "Argo").cursor();
      assertThat(kindOf(() -> harbour.take("b2", "Argo"))).isEqualTo(Kind.ALREADY_EXISTS);
      assertThat(harbour.log().head()).isEqualTo(before);
    }
  }

  @Test
  void anApplierThatThrowsRejectsItsCommandWhole() {
    try (Harbour harbour = open()) {
      Cursor before = harbour.take("b1", "Argo").cursor();
      Command<Void> command =
          Command.request(
              Harbour.ORIGIN,
              view ->
                  Decision.of(Harbour.berth("b9"), new HarbourEvent.Taken("Fram"))
                      .and(Harbour.berth("b8"), new HarbourEvent.Left()));
      assertThatThrownBy(() -> harbour.await(command)).isInstanceOf(IllegalStateException.class);
      assertThat(harbour.log().head()).isEqualTo(before);
      assertThat(
              harbour
                  .log()
                  .<Optional<HarbourEvent.Berth>>read(view -> view.find(HarbourEvent.BERTHS, "b9")))
          .isEmpty();
      assertThat(harbour.take("b9", "Fram").reply()).isEqualTo("TakenV2");
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  @Test
  void aRepeatedRequestGetsItsFirstAnswer() {
    Command<String> command = Harbour.toggle("b1", "Argo").idempotent("key", "print", String.class);
    Committed<String> first;
    try (Harbour harbour = open()) {
      first = harbour.await(command);
    }
    try (Harbour harbour = open()) {
      Committed<String> again = harbour.await(command);
      assertThat(again.reply()).isEqualTo(first.reply());
      assertThat(again.cursor()).isEqualTo(first.cursor());
      assertThat(again.repeated()).isTrue();
      assertThat(
              kindOf(
                  () ->
                      harbour.await(
                          Harbour.toggle("b2", "Fram").idempotent("key", "other", String.class))))
          .isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  @Test
  void aFullQueueRefusesRequestsAndNeverOutcomes() throws InterruptedException {
    try (Harbour harbour = open()) {
      CountDownLatch deciding = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      CompletableFuture<Committed<Void>> blocker =
          harbour
              .log()
              .submit(
                  Command.request(
                      Harbour.ORIGIN,
                      view -> {
                        deciding.countDown();
                        awaitQuietly(go);
                        return Decision.none(null);
                      }));
      deciding.await();
      List<CompletableFuture<Committed<String>>> requests = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        requests.add(harbour.log().submit(Harbour.toggle("b" + i, "s" + i)));
      }
      CompletableFuture<Committed<Void>> outcome =
          harbour
              .log()
              .submit(Command.outcome(Harbour.ORIGIN, 1, view -> Decision.<Void>none(null)));
      assertThat(requests.get(299)).isCompletedExceptionally();
      assertThat(outcome).isNotCompletedExceptionally();
      go.countDown();
      blocker.join();
      outcome.join();
      assertThat(requests.stream().filter(r -> r.handle((v, e) -> e == null).join()).count())
          .isEqualTo(256);
      assertThatThrownBy(() -> requests.get(299).join())
          .hasRootCauseInstanceOf(RuntimeFailure.class);
    }
  }

  @Test
  void anIdempotencyKeyExpires() {
    LogSettings settings = settings();
    Command<String> first = Harbour.toggle("b1", "Argo").idempotent("key", "one", String.class);
    Command<String> second = Harbour.toggle("b2", "Fram").idempotent("key", "two", String.class);
    try (Harbour harbour = open(settings)) {
      harbour.await(first);
      assertThat(kindOf(() -> harbour.await(second))).isEqualTo(Kind.INVALID_ARGUMENT);
    }
    long later = settings.clock().getAsLong() + TimeUnit.DAYS.toNanos(2);
    try (Harbour harbour = open(at(settings, later))) {
      assertThat(harbour.await(second).repeated()).isFalse();
      assertThat(harbour.await(second).repeated()).isTrue();
      assertThat(kindOf(() -> harbour.await(first))).isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  private LogSettings at(LogSettings settings, long nanos) {
    return new LogSettings(
        directory, settings.mode(), () -> nanos, settings.salts(), 256, 1000, 10);
  }

  @Test
  void aReservationIsGivenOnceAndReleasedOnce() {
    try (Harbour harbour = open()) {
      HarbourEvent argo = new HarbourEvent.Taken("Argo");
      List<Decision<Void>> impossible =
          List.of(
              Decision.of(Harbour.berth("b1"), argo).and(Harbour.berth("b2"), argo),
              Decision.of(
                  Harbour.berth("b1"), argo, new HarbourEvent.Left(), new HarbourEvent.Left()));
      for (Decision<Void> decision : impossible) {
        assertThatThrownBy(() -> harbour.await(Command.request(Harbour.ORIGIN, view -> decision)))
            .isInstanceOf(IllegalStateException.class);
      }
      Decision<Void> handedOn =
          Decision.of(Harbour.berth("b1"), argo, new HarbourEvent.Left())
              .and(Harbour.berth("b2"), argo);
      harbour.await(Command.request(Harbour.ORIGIN, view -> handedOn));
      assertThat(
              harbour
                  .log()
                  .<Optional<Reservation>>read(view -> view.find(HarbourEvent.SHIPS, "Argo")))
          .contains(new Reservation("b2"));
    }
  }

  private static Command<Void> intent(int outcomes, Decision<Void> decision) {
    return Command.request(Harbour.ORIGIN, view -> decision).reservingOutcomes(outcomes);
  }

  private static Decision<Void> arrival(int number) {
    return Decision.of(Harbour.berth("b" + number), new HarbourEvent.Taken("ship of b" + number));
  }

  @Test
  void roomReservedForOutcomesIsKeptUntilTheyCome() {
    try (Harbour harbour = open()) {
      long first = harbour.await(intent(120, arrival(1))).firstSequence();
      long second = harbour.await(intent(120, arrival(2))).firstSequence();
      assertThat(kindOf(() -> harbour.await(intent(20, arrival(3))))).isEqualTo(Kind.UNAVAILABLE);
      assertThat(harbour.take("b3", "Fram").reply()).isEqualTo("TakenV2");
      for (int i = 0; i < 10; i++) {
        harbour.await(Command.outcome(Harbour.ORIGIN, first, view -> Decision.none(null)));
        harbour.await(Command.outcome(Harbour.ORIGIN, second, view -> Decision.none(null)));
      }
      assertThat(harbour.await(intent(20, arrival(4))).repeated()).isFalse();
    }
  }

  @Test
  void anOutcomeThatIsRejectedGivesItsRoomBack() {
    try (Harbour harbour = open()) {
      for (int i = 0; i < 300; i++) {
        long intent = harbour.await(intent(1, arrival(i))).firstSequence();
        Command<Void> outcome =
            Command.outcome(
                Harbour.ORIGIN,
                intent,
                view -> {
                  throw new RuntimeFailure(Kind.NOT_FOUND, "It has left meanwhile");
                });
        assertThat(kindOf(() -> harbour.await(outcome))).isEqualTo(Kind.NOT_FOUND);
      }
    }
  }

  @Test
  void whatHasNoEffectKeepsNoRoom() {
    try (Harbour harbour = open()) {
      for (int i = 0; i < 300; i++) {
        harbour.await(intent(1, Decision.none(null)));
        harbour.await(intent(1, arrival(i).withoutEffect()));
        Command<Void> rejected =
            Command.<Void>request(
                    Harbour.ORIGIN,
                    view -> {
                      throw new RuntimeFailure(Kind.NOT_FOUND, "No such ship");
                    })
                .reservingOutcomes(1);
        assertThat(kindOf(() -> harbour.await(rejected))).isEqualTo(Kind.NOT_FOUND);
      }
    }
  }

  @Test
  void aDeciderWithABugFailsAlone() {
    try (Harbour harbour = open()) {
      Cursor before = harbour.take("b1", "Argo").cursor();
      Command<Void> broken =
          Command.request(
              Harbour.ORIGIN,
              view -> {
                throw new NoClassDefFoundError("dev/taffrail/Missing");
              });
      CompletableFuture<Committed<Void>> answer = harbour.log().submit(broken);
      assertThatThrownBy(answer::join).hasCauseInstanceOf(NoClassDefFoundError.class);
      assertThat(harbour.take("b2", "Fram").cursor().sequence()).isEqualTo(before.sequence() + 1);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void pagesFollowEachOtherWithoutGap() {
    try (Harbour harbour = open()) {
      for (int i = 0; i < 50; i++) {
        harbour.take("b" + i, "s" + i);
      }
      List<Long> seen = new ArrayList<>();
      Cursor at = Cursor.START;
      Page page;
      do {
        page = harbour.log().read(at, EventFilter.ALL, 7);
        page.events().forEach(event -> seen.add(event.header().sequence()));
        at = page.next();
      } while (!page.atHead());
      assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 51).boxed().toList());
    }
  }

  @Test
  void cursorsOutsideTheLogAreRefused() {
    try (Harbour harbour = open()) {
      assertThat(kindOf(() -> harbour.log().read(new Cursor(1, 9), EventFilter.ALL, 1)))
          .isEqualTo(Kind.OUT_OF_RANGE);
      assertThat(kindOf(() -> harbour.log().asOf(new Cursor(2, 1)))).isEqualTo(Kind.OUT_OF_RANGE);
    }
  }

  @Test
  void stateAsOfAnEarlierMomentIsThatOfThen() {
    try (Harbour harbour = open()) {
      Cursor taken = harbour.take("b1", "Argo").cursor();
      harbour.take("b2", "Fram");
      Cursor left = harbour.take("b1", "Argo").cursor();
      try (Snapshot then = harbour.log().asOf(taken)) {
        assertThat(then.find(HarbourEvent.BERTHS, "b1")).isPresent();
        assertThat(then.list(HarbourEvent.BERTHS)).hasSize(1);
        assertThat(then.cursor()).isEqualTo(taken);
      }
      try (Snapshot then = harbour.log().asOf(left)) {
        assertThat(then.find(HarbourEvent.BERTHS, "b1")).isEmpty();
        assertThat(then.list(HarbourEvent.BERTHS)).hasSize(1);
      }
    }
  }

  @Test
  void aMomentIsACursorASequenceOrATime() {
    try (Harbour harbour = open()) {
      EventLog log = harbour.log();
      for (int i = 0; i < 20; i++) {
        harbour.take("b" + i, "s" + i);
      }
      assertThat(log.moment("1-7")).isEqualTo(new Cursor(1, 7));
      assertThat(log.moment("7")).isEqualTo(new Cursor(1, 7));
      assertThat(log.moment("0")).isEqualTo(Cursor.START);
      assertThat(log.moment("head")).isEqualTo(log.head());
      assertThat(log.moment("oldest")).isEqualTo(Cursor.START);
      for (long sequence = 1; sequence <= 21; sequence++) {
        Instant time = log.find(sequence).orElseThrow().header().time();
        assertThat(log.moment(time.toString())).isEqualTo(new Cursor(1, sequence));
        assertThat(log.at(time.minusNanos(1)).sequence()).isEqualTo(sequence - 1);
        assertThat(log.at(time.plusNanos(1))).isEqualTo(new Cursor(1, sequence));
      }
      Instant first = log.find(1).orElseThrow().header().time();
      assertThat(log.moment(first.atOffset(ZoneOffset.ofHours(-5)).toString()))
          .isEqualTo(new Cursor(1, 1));
      assertThat(log.at(Instant.MIN)).isEqualTo(Cursor.START);
      assertThat(log.at(Instant.MAX)).isEqualTo(log.head());
      for (String above : List.of("22", "1-22", "7-2")) {
        assertThat(kindOf(() -> log.moment(above))).as(above).isEqualTo(Kind.OUT_OF_RANGE);
      }
      for (String wrong : List.of("", "yesterday", "1-", "99999999999999999999", "2026-01-31")) {
        assertThat(kindOf(() -> log.moment(wrong))).as(wrong).isEqualTo(Kind.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void anEventIsNamedByItsCursorOrItsSequence() {
    try (Harbour harbour = open()) {
      harbour.take("b1", "Argo");
      EventLog log = harbour.log();
      assertThat(log.event("2")).isEqualTo(new Cursor(1, 2));
      // Of which epoch it is, is not left out.
      assertThat(log.event("7-2")).isEqualTo(new Cursor(7, 2));
      for (String wrong : List.of("", "abc-2", "-2", "1-2-3", "head", "99999999999999999999")) {
        assertThat(kindOf(() -> log.event(wrong))).as(wrong).isEqualTo(Kind.INVALID_ARGUMENT);
      }
      assertThat(log.position("7-2")).isEqualTo(new Cursor(7, 2));
      assertThat(log.position("2")).isEqualTo(new Cursor(1, 2));
    }
  }

  @Test
  void aNameWithNulIsRefused() {
    try (Harbour harbour = open()) {
      String bad = "b" + (char) 0;
      EventLog log = harbour.log();
      assertThat(kindOf(() -> log.read(state -> state.find(HarbourEvent.BERTHS, bad))))
          .isEqualTo(Kind.INVALID_ARGUMENT);
      assertThat(
              kindOf(
                  () ->
                      log.read(
                          state ->
                              state.list(HarbourEvent.BERTHS, Subject.DEFAULT_NAMESPACE, bad))))
          .isEqualTo(Kind.INVALID_ARGUMENT);
      assertThat(kindOf(() -> Harbour.berth(bad))).isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  @Test
  void aSubscriberCatchesUpAndGoesOnLiveWithoutGapOrDuplicate() {
    try (Harbour harbour = open()) {
      for (int i = 0; i < 400; i++) {
        harbour.log().submit(Harbour.toggle("b" + i % 40, "s" + i % 40)).join();
      }
      Collected collected = new Collected(Long.MAX_VALUE, 801);
      harbour.log().subscribe(Cursor.START, EventFilter.ALL).subscribe(collected);
      for (int i = 0; i < 400; i++) {
        harbour.log().submit(Harbour.toggle("b" + i % 40, "s" + i % 40)).join();
      }
      collected.await();
      assertThat(collected.sequences()).isEqualTo(LongStream.rangeClosed(1, 801).boxed().toList());
    }
  }

  @Test
  void aFilteredSubscriberGetsBookmarksToResumeFrom() {
    try (Harbour harbour = open()) {
      for (int i = 0; i < 30; i++) {
        harbour.take("b" + i, "s" + i);
      }
      Collected collected = new Collected(Long.MAX_VALUE, 1);
      harbour
          .log()
          .subscribe(Cursor.START, new EventFilter(List.of(), List.of("default/berths/b29")))
          .subscribe(collected);
      collected.await();
      assertThat(collected.sequences()).containsExactly(31L);
      assertThat(collected.bookmarks()).startsWith(new Cursor(1, 10), new Cursor(1, 20));
    }
  }

  @Test
  void aSlowSubscriberIsDisconnectedWithItsCursor() {
    try (Harbour harbour = open()) {
      Collected collected = new Collected(3, Integer.MAX_VALUE);
      harbour.log().subscribe(Cursor.START, EventFilter.ALL).subscribe(collected);
      // The lag counts from when the subscriber was last looked at, which may be late.
      for (int i = 0; i < 20_000 && collected.error() == null; i++) {
        harbour.log().submit(Harbour.toggle("b" + i % 40, "s" + i % 40)).join();
      }
      collected.awaitEnd();
      assertThat(collected.error()).isInstanceOf(SubscriptionClosed.class);
      Cursor resume = ((SubscriptionClosed) collected.error()).resume();
      assertThat(collected.sequences()).endsWith(resume.sequence());
    }
  }

  @Test
  void closingTheLogEndsSubscriptions() {
    Collected collected = new Collected(Long.MAX_VALUE, 1);
    try (Harbour harbour = open()) {
      harbour.log().subscribe(Cursor.START, EventFilter.ALL).subscribe(collected);
      collected.await();
    }
    collected.awaitEnd();
    assertThat(collected.error()).isInstanceOf(SubscriptionClosed.class);
  }

  @Test
  void aClosedLogTellsThoseWhoComeLate() {
    Harbour harbour = open();
    harbour.close();
    Collected collected = new Collected(Long.MAX_VALUE, 1);
    harbour.log().subscribe(Cursor.START, EventFilter.ALL).subscribe(collected);
    collected.awaitEnd();
    assertThat(collected.error()).isInstanceOf(SubscriptionClosed.class);
    assertThat(harbour.log().storeConsumer("bell", new Cursor(1, 1))).isCompletedExceptionally();
    assertThat(kindOf(() -> harbour.take("b1", "Argo"))).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void aConsumersCursorIsKept() {
    try (Harbour harbour = open()) {
      assertThat(harbour.log().consumer("bell")).isEmpty();
      harbour.log().storeConsumer("bell", new Cursor(1, 1)).join();
    }
    try (Harbour harbour = open()) {
      assertThat(harbour.log().consumer("bell")).contains(new Cursor(1, 1));
    }
  }

  @Test
  void eventsOfOneCommandSayTheirPosition() {
    try (Harbour harbour = open()) {
      harbour.await(
          Command.request(
              Harbour.ORIGIN,
              view ->
                  Decision.of(Harbour.berth("a"), new HarbourEvent.Taken("Argo"))
                      .and(Harbour.berth("b"), new HarbourEvent.Taken("Fram"))));
      EventHeader second = harbour.log().find(3).orElseThrow().header();
      assertThat(second.position()).isEqualTo(1);
      assertThat(second.count()).isEqualTo(2);
      assertThat(second.subjectSequence()).isEqualTo(1);
    }
  }

  @Test
  void timeNeverRunsBackwards() {
    LogSettings settings = settings();
    LogSettings back = at(settings, 5);
    try (Harbour harbour = open(settings)) {
      harbour.take("b1", "Argo");
    }
    try (Harbour harbour = open(back)) {
      harbour.take("b2", "Fram");
      assertThat(harbour.log().find(3).orElseThrow().header().time())
          .isEqualTo(harbour.log().find(2).orElseThrow().header().time());
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }
}
