package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A payload is gone for good, and the log goes on as if it had never held it. */
class RedactionTest {
  // Incompressible enough to be found in a table as it is.
  private static final String SECRET = "hunter2-q8Zx0vKpLm3RtYw7";

  @TempDir Path directory;

  private static Committed<Void> arrive(Harbour harbour, String berth, String cargo) {
    return harbour.await(
        Command.request(
            Harbour.ORIGIN,
            view ->
                Decision.of(
                    Harbour.berth(berth),
                    new HarbourEvent.TakenV2("ship " + berth, Optional.of(cargo)))));
  }

  private static void leave(Harbour harbour, String berth) {
    harbour.await(
        Command.request(
            Harbour.ORIGIN, view -> Decision.of(Harbour.berth(berth), new HarbourEvent.Left())));
  }

  private static LogEvent.Redacted redact(Harbour harbour, long sequence, String... fields) {
    return harbour
        .log()
        .redact(
            new RedactionRequest(
                Harbour.ORIGIN, new Cursor(1, sequence), List.of(fields), "a secret in it"))
        .join()
        .reply();
  }

  private static void fill(Harbour harbour, int commands) {
    for (int i = 0; i < commands; i++) {
      harbour.take("b" + i % 7, "s" + i % 7);
    }
  }

  private List<Path> filesWith(String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).filter(file -> contains(file, wanted)).toList();
    }
  }

  private static boolean contains(Path file, byte[] wanted) {
    try {
      String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      return bytes.contains(new String(wanted, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static KindOf kind(Runnable call) {
    try {
      call.run();
    } catch (CompletionException e) {
      return new KindOf(RuntimeFailure.kindOf(e.getCause()));
    }
    throw new AssertionError("It did not fail");
  }

  private record KindOf(Kind kind) {}

  @Test
  void thePayloadIsGoneFromEventsStateHistoryAndFiles() throws IOException {
    long secret;
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 30);
      secret = arrive(harbour, "vault", SECRET).cursor().sequence();
      fill(harbour, 30);
    }
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(filesWith(SECRET)).isNotEmpty();
      LogEvent.Redacted told = redact(harbour, secret);
      assertThat(told.fields()).containsExactly("/cargo");
      harbour.log().applyRetention().join();
      LoggedEvent event = harbour.log().find(secret).orElseThrow();
      assertThat(event.payload()).isEmpty();
      assertThat(event.header().subject()).isEqualTo(Harbour.berth("vault"));
      Optional<String> cargo =
          harbour
              .log()
              .<Optional<String>>read(
                  view -> view.find(HarbourEvent.BERTHS, "vault").orElseThrow().cargo());
      assertThat(cargo).contains("[redacted]");
      try (Snapshot then = harbour.log().asOf(new Cursor(1, secret))) {
        assertThat(then.find(HarbourEvent.BERTHS, "vault").orElseThrow().cargo())
            .contains("[redacted]");
      }
      assertThat(harbour.verify().problems()).isEmpty();
      assertThat(filesWith(SECRET)).isEmpty();
      // The state goes on from it.
      leave(harbour, "vault");
      fill(harbour, 5);
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    assertThat(LogReplay.inMemory(directory, Harbour.CATALOGUE).events()).isPositive();
  }

  @Test
  void beaconsAfterItAreThoseOfTheSubstitute() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 500);
      long first = arrive(harbour, "vault", SECRET).cursor().sequence();
      fill(harbour, 1700);
      leave(harbour, "vault");
      long second = arrive(harbour, "vault", SECRET).cursor().sequence();
      fill(harbour, 900);
      redact(harbour, second);
      assertThat(harbour.verify().problems()).isEmpty();
      // And one before it, over what is redacted already.
      redact(harbour, first);
      VerifyReport report = harbour.verify();
      assertThat(report.problems()).isEmpty();
      assertThat(report.notes()).isEmpty();
      assertThat(harbour.log().find(first).orElseThrow().payload()).isEmpty();
    }
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
  }

  @Test
  void whatCannotBeRedactedIsRefused() {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 3);
      long secret = arrive(harbour, "vault", SECRET).cursor().sequence();
      assertThat(kind(() -> redact(harbour, 1)).kind()).isEqualTo(Kind.FAILED_PRECONDITION);
      assertThat(kind(() -> redact(harbour, 99)).kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(kind(() -> redact(harbour, secret, "/nothing")).kind())
          .isEqualTo(Kind.INVALID_ARGUMENT);
      // The name of a ship is a reservation: other rows are called so.
      assertThat(kind(() -> redact(harbour, secret, "/ship")).kind())
          .isEqualTo(Kind.INVALID_ARGUMENT);
      assertThat(harbour.log().find(secret).orElseThrow().payload()).isPresent();
      redact(harbour, secret, "/cargo");
      assertThat(kind(() -> redact(harbour, secret)).kind()).isEqualTo(Kind.FAILED_PRECONDITION);
      assertThat(harbour.verify().problems()).isEmpty();
    }
  }

  /** The end of the log was lost, and other events have those sequences now. */
  @Test
  void aCursorOfALostEventIsNotTakenForTheEventThatHasItsSequenceNow() throws IOException {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 10);
    }
    Path earlier = directory.resolve("earlier");
    copy(directory.resolve("db"), earlier);
    long lost;
    try (Harbour harbour = Harbour.open(directory)) {
      lost = arrive(harbour, "vault", SECRET).cursor().sequence();
    }
    deleteTree(directory.resolve("db"));
    Files.move(earlier, directory.resolve("db"));
    try (Harbour harbour = Harbour.open(directory)) {
      assertThat(harbour.log().head().epoch()).isEqualTo(2);
      fill(harbour, 10);
      assertThat(harbour.log().head().sequence()).isGreaterThan(lost);
      assertThat(kind(() -> redact(harbour, lost)).kind()).isEqualTo(Kind.GONE);
      assertThat(kind(() -> redact(harbour, new Cursor(7, 5))).kind()).isEqualTo(Kind.OUT_OF_RANGE);
      assertThat(kind(() -> redact(harbour, new Cursor(2, 999))).kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(harbour.log().find(lost).orElseThrow().payload()).isPresent();
      assertThat(harbour.log().find(5).orElseThrow().payload()).isPresent();
      Cursor told = redact(harbour, new Cursor(2, 5));
      assertThat(harbour.log().find(5).orElseThrow().payload()).isEmpty();
      assertThat(told.epoch()).isEqualTo(2);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void deleteTree(Path tree) throws IOException {
    try (Stream<Path> files = Files.list(tree)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(tree);
  }

  private static Cursor redact(Harbour harbour, Cursor event) {
    return harbour
        .log()
        .redact(new RedactionRequest(Harbour.ORIGIN, event, List.of(), "a secret in it"))
        .join()
        .cursor();
  }

  @Test
  void subscribersSeeThatItIsRedacted() {
    try (Harbour harbour = Harbour.open(directory)) {
      long secret = arrive(harbour, "vault", SECRET).cursor().sequence();
      redact(harbour, secret);
      // From memory or from storage: nowhere is the payload left.
      Page page = harbour.log().read(Cursor.START, EventFilter.ALL, 100);
      assertThat(page.events()).allMatch(event -> !event.payload().orElse("").contains(SECRET));
      assertThat(page.events().get((int) secret - 1).payload()).isEmpty();
    }
  }

  @Test
  void filesAreCleanedAfterACrashInBetween() throws IOException {
    try (Harbour harbour = Harbour.open(directory)) {
      fill(harbour, 30);
      arrive(harbour, "vault", SECRET);
      leave(harbour, "vault");
    }
    // The redaction is durable, and the process died before the files were written anew.
    Harbour.open(directory).close();
    try (RocksStore store = RocksStore.open(directory.resolve("db"))) {
      HeadRow head = HeadRow.read(store).orElseThrow();
      LogWriter writer =
          new LogWriter(
              store,
              EventLogs.withOwn(Harbour.CATALOGUE),
              Harbour.settings(directory, LogMode.DURABLE),
              HeadFile.read(directory.resolve("head")).orElseThrow().logId(),
              head,
              1);
      RedactionRequest request =
          new RedactionRequest(Harbour.ORIGIN, new Cursor(1, 32), List.of(), "a secret in it");
      Redactor redactor = new Redactor(store, EventLogs.withOwn(Harbour.CATALOGUE), head, request);
      redactor.replay(store, head.sequence());
      var reply = new java.util.concurrent.CompletableFuture<Committed<Void>>();
      writer.commit(
          new CommandQueue.Pending<>(
              Command.request(
                  Harbour.ORIGIN,
                  view -> Decision.of(LogEvent.subject(writer.logId()), redactor.event())),
              reply),
          redactor,
          group -> group.answer(new CommandQueue(1)),
          new ArrayDeque<>());
    }
    assertThat(LogVerifier.verify(directory, Harbour.CATALOGUE).problems()).isEmpty();
    try (Harbour harbour = Harbour.open(directory)) {
      harbour.log().applyRetention().join();
      assertThat(harbour.verify().problems()).isEmpty();
    }
    assertThat(filesWith(SECRET)).isEmpty();
  }

  @Test
  void aTruncatedEventIsGone() {
    assertThatThrownBy(
            () -> {
              LogRetention small =
                  new LogRetention(
                      Optional.empty(),
                      java.util.OptionalLong.empty(),
                      java.util.OptionalLong.of(1024),
                      1000);
              try (Harbour harbour =
                  Harbour.open(Harbour.settings(directory, LogMode.DURABLE).with(small))) {
                fill(harbour, 3000);
                harbour.log().applyRetention().join();
                redact(harbour, 5);
              }
            })
        .cause()
        .extracting(e -> ((RuntimeFailure) e).kind())
        .isEqualTo(Kind.GONE);
  }
}
