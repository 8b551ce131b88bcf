package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes a payload out of a log. From the redacted event on everything is replayed with the
 * substitute, and what differs from the stored rows is written anew: history, state, beacons. The
 * replay may begin on a snapshot and go on later; {@link #write} adds it all to the batch of the
 * event that tells of it, so a crash leaves all or nothing.
 */
final class Redactor {
  private final EventCatalogue catalogue;
  private final RedactionRequest request;
  private final EventHeader header;
  private final Frame frame;
  private final LogEvent.Redacted event;
  private final Replay replay;
  private final Redactions redactions;

  /** Whether the replay knows the hash of all rows, and not only of those that it changes. */
  private final boolean wholeState;

  /** Rows that differ now: as stored, and as they should be. */
  private final Map<RowKey, Difference> differences = new HashMap<>();

  private final Map<HistoryKey, StoredRow> history = new HashMap<>();
  private final Map<Long, byte[]> beacons = new HashMap<>();
  private final Set<RowKey> rewritten = new HashSet<>();
  private long next;

  private record Difference(StoredRow stored, StoredRow wanted) {}

  private record HistoryKey(RowKey row, long sequence) {}

  /**
   * Decides what stands in for the payload. NOT_FOUND, GONE, FAILED_PRECONDITION or
   * INVALID_ARGUMENT when the request cannot be met.
   */
  Redactor(StoreReader store, EventCatalogue catalogue, HeadRow head, RedactionRequest request) {
    this.catalogue = catalogue;
    this.request = request;
    long sequence = request.sequence();
    if (sequence > head.sequence() || sequence < 1) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no event " + sequence);
    }
    if (sequence <= head.base()) {
      throw new RuntimeFailure(
          sequence < head.oldest() ? Kind.GONE : Kind.FAILED_PRECONDITION,
          "The event "
              + sequence
              + " lies at or below the base of the log, "
              + head.base()
              + ": what came of it cannot be derived again");
    }
    this.frame = frame(store, sequence);
    this.header = HeaderCodec.read(frame.header());
    this.event = substitute(store);
    this.wholeState = false;
    this.replay = new Replay(catalogue, new AsOfRows(store, sequence - 1), new StateHash().bytes());
    this.redactions = new Redactions(store, catalogue);
    this.next = sequence;
  }

  /**
   * Repeats a redaction on archived copies of what the log had then. FAILED_PRECONDITION when it is
   * done already; NOT_FOUND when the event is not among them.
   *
   * @param known what stands in for the payload
   */
  Redactor(StoreReader store, EventCatalogue catalogue, LogEvent.Redacted known) {
    this.catalogue = catalogue;
    this.frame = frame(store, known.sequence());
    this.header = HeaderCodec.read(frame.header());
    this.request =
        new RedactionRequest(
            Origin.component("log"), header.cursor(), known.fields(), known.reason());
    this.event = known;
    // Beacons may have been corrected by an attempt before this one, so they are made anew.
    StateHash base = new StateHash();
    Base.rows(store, known.sequence() - 1)
        .forEach((key, row) -> base.add(key.bytes(), row.bytes()));
    this.wholeState = true;
    this.replay = new Replay(catalogue, new AsOfRows(store, known.sequence() - 1), base.bytes());
    this.redactions = new Redactions(store, catalogue);
    this.next = known.sequence();
  }

  private static Frame frame(StoreReader store, long sequence) {
    return store
        .get(ColumnFamily.EVENTS, Bytes.u64(sequence))
        .map(Frame::decode)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "There is no event " + sequence));
  }

  LogEvent.Redacted event() {
    return event;
  }

  private LogEvent.Redacted substitute(StoreReader store) {
    byte[] payload =
        frame
            .payload()
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.FAILED_PRECONDITION,
                        "The event " + request.sequence() + " is redacted already"));
    EventDefinition<?> definition = catalogue.definition(header.type());
    if (LogEvent.FAMILY.definitions().contains(definition)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "The event " + request.sequence() + " is one of the log itself, which needs it");
    }
    RowSource before = new AsOfRows(store, request.sequence() - 1);
    Set<RowKey> changed = changed(definition, before, payload);
    Set<String> ids = new HashSet<>();
    changed.forEach(key -> ids.add(key.id()));
    Substitution substitution =
        new Substitution(
            payload,
            json -> isAcceptable(definition, before, json, changed),
            text -> ids.contains(text) || isRow(store, text));
    if (request.fields().isEmpty()) {
      substitution.replaceAll();
    } else {
      request.fields().forEach(substitution::replace);
    }
    return new LogEvent.Redacted(
        request.sequence(),
        request.reason(),
        substitution.replaced(),
        new String(substitution.bytes(), StandardCharsets.UTF_8));
  }

  /** Whether some row has this id, so that events may refer to it by it. */
  private boolean isRow(StoreReader store, String id) {
    if (id.indexOf('\0') >= 0) {
      return false;
    }
    RowSource then = new AsOfRows(store, request.sequence());
    String namespace = header.subject().namespace();
    for (Table<?> table : catalogue.tables()) {
      if (then.find(RowKey.of(table, namespace, id)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private Set<RowKey> changed(EventDefinition<?> definition, RowSource before, byte[] payload) {
    Event read = read(payload);
    Set<RowKey> keys = new HashSet<>();
    new Projection(before)
        .apply(definition, read, header.subject(), header.sequence(), header.time())
        .forEach(change -> keys.add(change.key()));
    return keys;
  }

  private Event read(byte[] payload) {
    return EventJson.read(payload, catalogue.definition(header.type()).eventClass());
  }

  private boolean isAcceptable(
      EventDefinition<?> definition, RowSource before, byte[] payload, Set<RowKey> keys) {
    try {
      return !KeptTexts.includes(read(payload), Substitution.WORD)
          && changed(definition, before, payload).equals(keys);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Replays up to {@code last}. FAILED_PRECONDITION when an event cannot follow any more. */
  void replay(StoreReader store, long last) {
    try (Scan scan = store.scan(ColumnFamily.EVENTS, Bytes.u64(next), Bytes.u64(last + 1))) {
      while (scan.next()) {
        long sequence = Bytes.u64(scan.key(), 0);
        Frame of = Frame.decode(scan.value());
        replay(store, sequence, HeaderCodec.read(of.header()), of);
      }
    }
    next = last + 1;
  }

  private void replay(StoreReader store, long sequence, EventHeader of, Frame stored) {
    List<RowChange> changes;
    try {
      changes =
          replay.apply(
              of,
              sequence == request.sequence()
                  ? read(event.substitute().getBytes(StandardCharsets.UTF_8))
                  : redactions.event(of, stored));
    } catch (RuntimeException e) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "The event "
              + sequence
              + " could not follow a redacted event "
              + request.sequence()
              + "; name the fields to redact ("
              + e.getMessage()
              + ")",
          e);
    }
    for (RowChange change : changes) {
      compare(store, sequence, change);
    }
    if (Beacons.isDue(sequence)) {
      store
          .get(ColumnFamily.BEACONS, Bytes.u64(sequence))
          .ifPresent(beacon -> beacons.put(sequence, corrected(beacon)));
    }
  }

  private void compare(StoreReader store, long sequence, RowChange change) {
    byte[] stored =
        store
            .get(ColumnFamily.HISTORY, change.key().history(sequence))
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.FAILED_PRECONDITION,
                        "The event "
                            + sequence
                            + " would change the row "
                            + change.key()
                            + ", which it did not"));
    boolean removes = change.after().isEmpty();
    if (removes != (stored.length == 0)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "The event " + sequence + " would no longer do the same to the row " + change.key());
    }
    if (removes || Arrays.equals(stored, change.after().get().bytes())) {
      differences.remove(change.key());
      return;
    }
    StoredRow wanted = change.after().get();
    differences.put(change.key(), new Difference(StoredRow.parse(stored), wanted));
    history.put(new HistoryKey(change.key(), sequence), wanted);
    rewritten.add(change.key());
  }

  /** A beacon: the hash of the state comes first. */
  private byte[] corrected(byte[] beacon) {
    byte[] corrected = beacon.clone();
    byte[] hash = wholeState ? replay.stateHash() : stateHash(Arrays.copyOf(beacon, Hashes.LENGTH));
    System.arraycopy(hash, 0, corrected, 0, Hashes.LENGTH);
    return corrected;
  }

  /** What the hash of the state becomes where the replay stands. */
  byte[] stateHash(byte[] stored) {
    StateHash hash = StateHash.of(stored);
    differences.forEach(
        (key, difference) -> {
          hash.subtract(key.bytes(), difference.stored().bytes());
          hash.add(key.bytes(), difference.wanted().bytes());
        });
    return hash.bytes();
  }

  /**
   * Adds everything but the event that tells of it. What is not in the store is in an archive.
   *
   * @param archived whether copies may be, which are to be redacted as well
   */
  void write(StoreReader store, Batch batch, boolean archived) {
    replace(
        store,
        batch,
        ColumnFamily.EVENTS,
        Bytes.u64(request.sequence()),
        frame.redacted().encode());
    history.forEach(
        (key, row) ->
            replace(
                store,
                batch,
                ColumnFamily.HISTORY,
                key.row().history(key.sequence()),
                row.bytes()));
    differences.forEach(
        (key, difference) ->
            batch.put(ColumnFamily.STATE, key.bytes(), difference.wanted().bytes()));
    beacons.forEach(
        (sequence, beacon) ->
            replace(store, batch, ColumnFamily.BEACONS, Bytes.u64(sequence), beacon));
    forgetAnswers(store, batch);
    Scrub.add(store, batch, request.sequence(), rewritten);
    if (archived) {
      batch.put(
          ColumnFamily.META, Keys.archivedRedaction(request.sequence()), EventJson.write(event));
    }
  }

  private static void replace(
      StoreReader store, Batch batch, ColumnFamily family, byte[] key, byte[] value) {
    if (store.get(family, key).isPresent()) {
      batch.put(family, key, value);
    }
  }

  /** A row as it is to be, of what has been replayed. */
  byte[] rewritten(ColumnFamily family, byte[] key, byte[] value) {
    long sequence = Bytes.u64(key, key.length - Long.BYTES);
    return switch (family) {
      case EVENTS -> sequence == request.sequence() ? frame.redacted().encode() : value;
      case HISTORY -> {
        StoredRow row = history.get(new HistoryKey(RowKey.parse(key), sequence));
        yield row == null ? value : row.bytes();
      }
      case BEACONS -> beacons.getOrDefault(sequence, value);
      default -> value;
    };
  }

  /** The answer to the command may hold what its event held. */
  private void forgetAnswers(StoreReader store, Batch batch) {
    List<byte[]> keys = new ArrayList<>();
    try (Scan scan = store.scan(ColumnFamily.DEDUP, Bytes.EMPTY, null)) {
      while (scan.next()) {
        DedupRow row = EventJson.read(scan.value(), DedupRow.class);
        if (row.firstSequence() <= request.sequence() && request.sequence() <= row.sequence()) {
          keys.add(scan.key());
        }
      }
    }
    keys.forEach(key -> batch.delete(ColumnFamily.DEDUP, key));
  }
}
