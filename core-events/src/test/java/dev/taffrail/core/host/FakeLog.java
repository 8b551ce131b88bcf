package dev.taffrail.core.host;

import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LogEvent;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogStorage;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.RedactionRequest;
import dev.taffrail.core.log.Snapshot;
import dev.taffrail.core.log.VerifyReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;

/** Decides on a thread of its own, against empty state, and keeps no event. */
final class FakeLog implements EventLog, AutoCloseable {
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "fake-writer"));

  @Override
  public <R> CompletableFuture<Committed<R>> submit(Command<R> command) {
    return CompletableFuture.supplyAsync(
        () -> new Committed<>(command.decider().decide(EMPTY).reply(), 1, new Cursor(1, 1), false),
        writer);
  }

  @Override
  public void close() {
    writer.shutdown();
  }

  private static final StateView EMPTY =
      new StateView() {
        @Override
        public <T> Optional<T> find(Table<T> table, String namespace, String id) {
          return Optional.empty();
        }

        @Override
        public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
          return List.of();
        }

        @Override
        public <T> List<Row<T>> listAll(Table<T> table) {
          return List.of();
        }

        @Override
        public long sequence() {
          return 0;
        }
      };

  @Override
  public Cursor head() {
    return Cursor.START;
  }

  @Override
  public LogInfo info() {
    return new LogInfo("fake", LogMode.DURABLE, head(), 1, "", Optional.empty());
  }

  @Override
  public EventCatalogue catalogue() {
    return EventCatalogue.of();
  }

  @Override
  public Snapshot snapshot() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Snapshot asOf(Cursor cursor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Page read(Cursor after, EventFilter filter, int limit) {
    return new Page(List.of(), after, true);
  }

  @Override
  public Optional<LoggedEvent> find(long sequence) {
    return Optional.empty();
  }

  @Override
  public Cursor oldest() {
    return Cursor.START;
  }

  @Override
  public Cursor at(long sequence) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Cursor at(Instant time) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Flow.Publisher<Delivery> subscribe(Cursor after, EventFilter filter) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Cursor> consumer(String name) {
    return Optional.empty();
  }

  @Override
  public CompletableFuture<Void> storeConsumer(String name, Cursor cursor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<VerifyReport> verify() {
    throw new UnsupportedOperationException("verify");
  }

  @Override
  public CompletableFuture<Committed<LogEvent.Redacted>> redact(RedactionRequest request) {
    throw new UnsupportedOperationException("redact");
  }

  @Override
  public LogStorage storage() {
    throw new UnsupportedOperationException("storage");
  }

  @Override
  public CompletableFuture<Void> applyRetention() {
    throw new UnsupportedOperationException("applyRetention");
  }
}
