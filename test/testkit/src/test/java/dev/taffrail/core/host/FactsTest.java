package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.testkit.log.Harbour;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactsTest {
  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private Harbour harbour;
  private Facts facts;

  @BeforeEach
  void open() {
    vertx.eventBus().registerCodec(new ByReference());
    harbour = Harbour.open(directory);
    facts = new Facts(vertx, harbour.log());
  }

  @AfterEach
  void close() throws Exception {
    facts.close();
    harbour.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void listenersHearOfWhatIsCommittedFromThenOn() throws Exception {
    harbour.take("1", "Argo");
    BlockingQueue<LoggedEvent> all = new LinkedBlockingQueue<>();
    BlockingQueue<LoggedEvent> departures = new LinkedBlockingQueue<>();
    facts.listen(EventFilter.ALL, all::add);
    facts.listen(new EventFilter(List.of("dev.taffrail.berth.left.*"), List.of()), departures::add);
    long second = harbour.take("2", "Beagle").firstSequence();
    long third = harbour.take("2", "").firstSequence();
    assertThat(next(all).header().sequence()).isEqualTo(second);
    assertThat(next(all).header().sequence()).isEqualTo(third);
    assertThat(next(departures).header().sequence()).isEqualTo(third);
  }

  @Test
  void whatIsHeardIsStored() throws Exception {
    BlockingQueue<Boolean> stored = new LinkedBlockingQueue<>();
    facts.listen(
        EventFilter.ALL,
        event -> stored.add(harbour.log().find(event.header().sequence()).isPresent()));
    harbour.take("1", "Argo");
    assertThat(next(stored)).isTrue();
  }

  @Test
  void whoHasUnregisteredHearsNothingMore() throws Exception {
    BlockingQueue<LoggedEvent> gone = new LinkedBlockingQueue<>();
    BlockingQueue<LoggedEvent> here = new LinkedBlockingQueue<>();
    MessageConsumer<LoggedEvent> consumer = facts.listen(EventFilter.ALL, gone::add);
    facts.listen(EventFilter.ALL, here::add);
    consumer.unregister().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    harbour.take("1", "Argo");
    assertThat(next(here)).isNotNull();
    assertThat(gone).isEmpty();
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }
}
