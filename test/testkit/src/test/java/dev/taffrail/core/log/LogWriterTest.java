package dev.taffrail.core.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import dev.taffrail.testkit.log.HarbourEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group is decided while the one before it is written. */
class LogWriterTest {
  private static final int COMMANDS = 150;

  @TempDir Path directory;

  private final CountDownLatch decidedAhead = new CountDownLatch(1);
  private final List<CompletableFuture<Committed<Integer>>> replies = new ArrayList<>();
  private final Queue<LogWriter.Group> open = new ConcurrentLinkedQueue<>();
  private final List<LogWriter.Group> committed = new ArrayList<>();
  private RocksStore store;
  private HeadRow head;
  private boolean writesFail;

  @BeforeEach
  void openStore() {
    Harbour.open(directory).close();
    store = RocksStore.open(directory.resolve("db"));
    head = HeadRow.read(store).orElseThrow();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private LogWriter writer() {
    EventCatalogue catalogue = EventLogs.withOwn(Harbour.CATALOGUE);
    String logId =
        new String(store.get(ColumnFamily.META, Keys.LOG_ID).orElseThrow(), StandardCharsets.UTF_8);
    return new LogWriter(
        slowStore(),
        catalogue,
        Harbour.settings(directory, LogMode.DURABLE),
        logId,
        head,
        head.epoch());
  }

  /** Its writes wait until a command of the next group is decided. */
  private MetadataStore slowStore() {
    return (MetadataStore)
        Proxy.newProxyInstance(
            MetadataStore.class.getClassLoader(),
            new Class<?>[] {MetadataStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("write")) {
                decidedAhead.await();
                if (writesFail) {
                  throw new IllegalStateException("no room");
                }
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Commands that each take a berth and answer with how many were taken before. */
  private Queue<Pending<?>> commands() {
    Queue<Pending<?>> commands = new ArrayDeque<>();
    for (int i = 0; i < COMMANDS; i++) {
      int number = i;
      CompletableFuture<Committed<Integer>> reply = new CompletableFuture<>();
      replies.add(reply);
      commands.add(
          new Pending<>(
              Command.<Integer>request(Harbour.ORIGIN, view -> take(view, number)), reply));
    }
    return commands;
  }

  private Decision<Integer> take(StateView view, int number) {
    if (number == 100) {
      decidedAhead.countDown();
    }
    int before = view.list(HarbourEvent.BERTHS).size();
    if (number > 0) {
      assertThat(view.find(HarbourEvent.BERTHS, "b" + (number - 1))).isPresent();
    }
    return Decision.of(Harbour.berth("b" + number), new HarbourEvent.Taken("ship " + number))
        .reply(before);
  }

  private void commit(LogWriter writer) {
    Queue<Pending<?>> commands = commands();
    writer.commit(
        commands.remove(),
        commands::poll,
        group -> {
          committed.add(group);
          group.answer(new CommandQueue(1));
        },
        open);
  }

  @Test
  void aGroupIsDecidedOnTopOfTheOneThatIsBeingWritten() {
    commit(writer());
    assertThat(open).isEmpty();
    assertThat(committed).hasSizeGreaterThan(1);
    long sequence = head.sequence();
    for (int i = 0; i < COMMANDS; i++) {
      sequence++;
      Committed<Integer> reply = replies.get(i).join();
      assertThat(reply.reply()).isEqualTo(i);
      assertThat(reply.cursor()).isEqualTo(new Cursor(head.epoch(), sequence));
    }
    assertThat(committed.get(committed.size() - 1).head())
        .isEqualTo(HeadRow.read(store).orElseThrow());
    assertThat(LogVerifier.verify(store, EventLogs.withOwn(Harbour.CATALOGUE)).problems())
        .isEmpty();
  }

  @Test
  void aFailedWriteTakesWhatWasDecidedOnTopOfItAlong() {
    writesFail = true;
    LogWriter writer = writer();
    assertThatThrownBy(() -> commit(writer))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no room");
    assertThat(committed).isEmpty();
    assertThat(open).hasSizeGreaterThan(1);
    assertThat(open.stream().mapToInt(LogWriter.Group::size).sum()).isGreaterThan(100);
    assertThat(replies).noneMatch(CompletableFuture::isDone);
    assertThat(HeadRow.read(store)).contains(head);
  }
}
