package dev.taffrail.http;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.event.Actor;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Delivery;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LogEvent;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.log.LogStorage;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Page;
import dev.taffrail.core.log.RedactionRequest;
import dev.taffrail.core.log.Snapshot;
import dev.taffrail.core.log.SubscriptionClosed;
import dev.taffrail.core.log.VerifyReport;
import dev.taffrail.core.network.NetworkEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A log in memory that applies the real families and keeps every state there was. */
final class FakeLog implements EventLog {
  private final EventCatalogue catalogue =
      EventCatalogue.of(ContainerEvent.FAMILY, ImageEvent.FAMILY, NetworkEvent.FAMILY);
  private final List<LoggedEvent> events = new ArrayList<>();
  private final List<Map<String, Object>> states = new ArrayList<>(List.of(Map.of()));
  private final List<Reader> readers = new ArrayList<>();
  private int maxLag = Integer.MAX_VALUE;

  synchronized void append(Subject subject, Event event) {
    append(subject, event, Instant.now());
  }

  synchronized void append(Subject subject, Event event, Instant time) {
    EventDefinition<?> definition = catalogue.definition(event);
    long sequence = events.size() + 1L;
    EventHeader header =
        new EventHeader(
            sequence,
            1,
            time,
            definition.type(),
            subject,
            1,
            "c",
            OptionalLong.empty(),
            Actor.component("test"),
            Optional.empty(),
            Optional.empty(),
            0,
            1);
    Map<String, Object> state = new TreeMap<>(states.get(states.size() - 1));
    definition.apply(new FakeRows(state, subject, sequence, time), event);
    states.add(state);
    events.add(
        new LoggedEvent(
            header,
            Optional.of(new String(EventJson.write(event), StandardCharsets.UTF_8)),
            "",
            ""));
    List.copyOf(readers).forEach(Reader::pump);
  }

  synchronized boolean isFollowed() {
    return !readers.isEmpty();
  }

  synchronized void limitLag(int limit) {
    maxLag = limit;
  }

  private static String key(Table<?> table, String namespace, String id) {
    return table.name() + "\0" + namespace + "\0" + id;
  }

  private record FakeRows(Map<String, Object> state, Subject subject, long sequence, Instant time)
      implements Rows {
    @Override
    public <T> Optional<T> find(Table<T> table, String id) {
      return Optional.ofNullable(
          table.rowClass().cast(state.get(key(table, subject.namespace(), id))));
    }

    @Override
    public <T> void put(Table<T> table, String id, T value) {
      state.put(key(table, subject.namespace(), id), value);
    }

    @Override
    public void remove(Table<?> table, String id) {
      state.remove(key(table, subject.namespace(), id));
    }
  }

  @Override
  public <R> CompletableFuture<Committed<R>> submit(Command<R> command) {
    throw new UnsupportedOperationException("The API submits no commands");
  }

  @Override
  public synchronized Cursor head() {
    return new Cursor(1, events.size());
  }

  @Override
  public LogInfo info() {
    return new LogInfo(
        "0198c0de-0000-7000-8000-000000000001",
        LogMode.RELAXED,
        head(),
        1,
        "",
        Optional.of("lost 3 to 5"));
  }

  @Override
  public EventCatalogue catalogue() {
    return catalogue;
  }

  @Override
  public synchronized Snapshot snapshot() {
    return asOf(head());
  }

  @Override
  public synchronized Snapshot asOf(Cursor cursor) {
    Map<String, Object> state = states.get((int) cursor.sequence());
    return new Snapshot() {
      @Override
      public Cursor cursor() {
        return cursor;
      }

      @Override
      public void close() {}

      @Override
      public <T> Optional<T> find(Table<T> table, String namespace, String id) {
        return Optional.ofNullable(table.rowClass().cast(state.get(key(table, namespace, id))));
      }

      @Override
      public <T> List<Row<T>> list(Table<T> table, String namespace, String idPrefix) {
        String start = key(table, namespace, "");
        List<Row<T>> rows = new ArrayList<>();
        state.forEach(
            (key, value) -> {
              if (key.startsWith(start + idPrefix)) {
                // When each row was changed last is not kept here: at the latest, at the cursor.
                rows.add(
                    new Row<>(
                        namespace,
                        key.substring(start.length()),
                        cursor.sequence(),
                        table.rowClass().cast(value)));
              }
            });
        return rows;
      }

      @Override
      public <T> List<Row<T>> listAll(Table<T> table) {
        throw new UnsupportedOperationException();
      }

      @Override
      public long sequence() {
        return cursor.sequence();
      }
    };
  }

  @Override
  public synchronized Page read(Cursor after, EventFilter filter, int limit) {
    List<LoggedEvent> page = new ArrayList<>();
    long next = after.sequence();
    while (page.size() < limit && next < events.size()) {
      LoggedEvent event = events.get((int) next++);
      if (filter.matches(event.header().type(), event.header().subject())) {
        page.add(event);
      }
    }
    return new Page(page, new Cursor(1, next), next == events.size());
  }

  @Override
  public synchronized Optional<LoggedEvent> find(long sequence) {
    return sequence < 1 || sequence > events.size()
        ? Optional.empty()
        : Optional.of(events.get((int) sequence - 1));
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
  public synchronized Cursor at(Instant time) {
    long sequence =
        events.stream().takeWhile(event -> !event.header().time().isAfter(time)).count();
    return sequence == 0 ? Cursor.START : new Cursor(1, sequence);
  }

  @Override
  public Flow.Publisher<Delivery> subscribe(Cursor after, EventFilter filter) {
    return subscriber -> {
      Reader reader = new Reader(subscriber, filter, after.sequence());
      subscriber.onSubscribe(reader);
      synchronized (FakeLog.this) {
        readers.add(reader);
        reader.pump();
      }
    };
  }

  @Override
  public Optional<Cursor> consumer(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> storeConsumer(String name, Cursor cursor) {
    throw new UnsupportedOperationException();
  }

  private final class Reader implements Flow.Subscription {
    private final Flow.Subscriber<? super Delivery> subscriber;
    private final EventFilter filter;
    private long position;
    private long demand;
    private boolean cancelled;

    Reader(Flow.Subscriber<? super Delivery> subscriber, EventFilter filter, long position) {
      this.subscriber = subscriber;
      this.filter = filter;
      this.position = position;
    }

    void pump() {
      while (!cancelled && demand > 0 && position < events.size()) {
        LoggedEvent event = events.get((int) position++);
        if (filter.matches(event.header().type(), event.header().subject())) {
          demand--;
          subscriber.onNext(new Delivery.Matched(event));
        }
      }
      if (!cancelled && events.size() - position > maxLag) {
        cancelled = true;
        subscriber.onError(
            new SubscriptionClosed(new Cursor(1, position), "The reader is too slow", null));
      }
    }

    @Override
    public void request(long count) {
      synchronized (FakeLog.this) {
        demand += count;
        pump();
      }
    }

    @Override
    public void cancel() {
      synchronized (FakeLog.this) {
        cancelled = true;
        readers.remove(this);
      }
    }
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
    return new LogStorage(
        LogRetention.ALL, 4096, Map.of("events", 1024L), Map.of(), Optional.empty());
  }

  @Override
  public CompletableFuture<Void> applyRetention() {
    throw new UnsupportedOperationException("applyRetention");
  }
}
