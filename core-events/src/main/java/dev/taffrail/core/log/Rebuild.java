package dev.taffrail.core.log;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the events of a log into a fresh store and derives everything else from them again: state,
 * history, index, beacons. How far it has come is stored with what it has made, so that it goes on
 * after a crash.
 */
final class Rebuild {
  private static final TypeReference<TreeMap<String, Integer>> REVISIONS = new TypeReference<>() {};
  private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);
  private static final int EVENTS_PER_BATCH = 1000;
  private static final int ROWS_PER_BATCH = 4096;

  private final StoreReader source;
  private final MetadataStore target;
  private final EventCatalogue catalogue;
  private final String logId;
  private final HeadRow head;
  private final LongConsumer progress;
  private final Redactions redactions;
  private final CachedRows rows;
  private final Projection projection;
  private final SubjectCounters counters;
  private final HoldPoint holdPoint = HoldPoint.configured();
  private StateTracker tracker = new StateTracker(new StateHash().bytes());
  private Batch batch;

  /**
   * How far a rebuild has come; a row of {@code meta} in the store that it makes.
   *
   * @param hash of the last event done
   */
  private record Done(String fingerprint, long upTo, String hash, String stateHash) {}

  /**
   * Does nothing yet.
   *
   * @param target empty, or what an earlier attempt has left
   * @param head where to end; above it nothing is looked at
   * @param progress gets the last sequence done, from time to time
   */
  Rebuild(
      StoreReader source,
      MetadataStore target,
      EventCatalogue catalogue,
      String logId,
      HeadRow head,
      LongConsumer progress) {
    this.logId = logId;
    this.source = source;
    this.target = target;
    this.catalogue = catalogue;
    this.head = head;
    this.progress = progress;
    this.redactions = new Redactions(source, catalogue);
    this.rows = new CachedRows(new StoreRows(target));
    this.projection = new Projection(rows);
    this.counters = new SubjectCounters(target);
  }

  /** Whether an applier that the log needs is not the one that its state was derived with. */
  static boolean isDue(StoreReader store, EventCatalogue catalogue) {
    Optional<SortedMap<String, Integer>> known = revisions(store);
    if (known.isEmpty()) {
      return false;
    }
    for (EventDefinition<?> definition : catalogue.definitions()) {
      Integer revision = known.get().get(definition.type());
      if (revision == null ? occurs(store, definition.type()) : revision != definition.revision()) {
        return true;
      }
    }
    return false;
  }

  private static boolean occurs(StoreReader store, String type) {
    try (Scan scan = store.scanPrefix(ColumnFamily.INDEX, Keys.byType(type))) {
      return scan.next();
    }
  }

  private static Optional<SortedMap<String, Integer>> revisions(StoreReader store) {
    return store
        .get(ColumnFamily.META, Keys.APPLIERS)
        .map(
            json -> {
              try {
                return EventJson.mapper().readValue(json, REVISIONS);
              } catch (IOException e) {
                throw new RuntimeFailure(
                    Kind.DATA_LOSS, "The list of appliers of the log cannot be read", e);
              }
            });
  }

  /** Stores which appliers the state is derived with; those that this build lacks stay listed. */
  static void noteAppliers(MetadataStore store, EventCatalogue catalogue) {
    SortedMap<String, Integer> known = revisions(store).orElseGet(TreeMap::new);
    SortedMap<String, Integer> now = new TreeMap<>(known);
    catalogue
        .definitions()
        .forEach(definition -> now.put(definition.type(), definition.revision()));
    if (!now.equals(known)) {
      try (Batch batch = store.newBatch()) {
        batch.put(ColumnFamily.META, Keys.APPLIERS, EventJson.write(now));
        store.write(batch, true);
      }
    }
  }

  /**
   * Derives everything; the head row is in {@code target} afterwards. Throws what stands in the way
   * of a replay, naming the event.
   */
  HeadRow run() {
    batch = target.newBatch();
    try {
      long from = resume().orElseGet(this::begin);
      long last = derive(from);
      if (last != head.sequence()) {
        throw new RuntimeFailure(Kind.DATA_LOSS, "Event " + (last + 1) + " is missing");
      }
      return finish();
    } finally {
      batch.close();
    }
  }

  /** The first sequence to go on with, when an earlier attempt was the same as this one. */
  private Optional<Long> resume() {
    Optional<Done> done =
        target
            .get(ColumnFamily.META, Keys.REBUILD)
            .map(json -> EventJson.read(json, Done.class))
            .filter(earlier -> earlier.fingerprint().equals(catalogue.fingerprint()));
    if (done.isEmpty() || !hashOf(done.get().upTo()).equals(done.get().hash())) {
      clear(target);
      return Optional.empty();
    }
    tracker = new StateTracker(HexFormat.of().parseHex(done.get().stateHash()));
    return Optional.of(done.get().upTo() + 1);
  }

  private String hashOf(long sequence) {
    return source
        .get(ColumnFamily.EVENTS, Bytes.u64(sequence))
        .map(frame -> HexFormat.of().formatHex(Frame.decode(frame).hash()))
        .orElse("");
  }

  /** Removes every row. */
  static void clear(MetadataStore store) {
    try (Batch batch = store.newBatch()) {
      for (ColumnFamily family : ColumnFamily.values()) {
        store
            .floor(family, null)
            .ifPresent(
                last ->
                    batch.deleteRange(
                        family, Bytes.EMPTY, Bytes.concat(last.key(), new byte[] {0})));
      }
      store.write(batch, false);
    }
  }

  /** What is not derived from events, and the base. */
  private long begin() {
    copy(ColumnFamily.CONSUMERS);
    copy(ColumnFamily.DEDUP);
    for (byte[] key : List.of(Keys.SALVAGE, Keys.SCRUB, Keys.TRIMMED, Keys.REBUILT)) {
      source
          .get(ColumnFamily.META, key)
          .ifPresent(value -> batch.put(ColumnFamily.META, key, value));
    }
    try (Scan scan = source.scanPrefix(ColumnFamily.META, Keys.ARCHIVED_REDACTIONS)) {
      while (scan.next()) {
        batch.put(ColumnFamily.META, scan.key(), scan.value());
      }
    }
    batch.put(ColumnFamily.META, Keys.FORMAT, Keys.utf8(EventLogs.FORMAT));
    batch.put(ColumnFamily.META, Keys.LOG_ID, Keys.utf8(logId));
    if (head.base() > 0) {
      copyUpToBase(ColumnFamily.HISTORY);
      copyUpToBase(ColumnFamily.BEACONS);
      copyCounters();
      StateHash hash = new StateHash();
      Base.rows(source, head.base())
          .forEach(
              (key, row) -> {
                hash.add(key.bytes(), row.bytes());
                batch.put(ColumnFamily.STATE, key.bytes(), row.bytes());
              });
      tracker = new StateTracker(hash.bytes());
    }
    write();
    return head.oldest();
  }

  /** Up to the first damage: nothing of it is needed to go on. */
  private void copy(ColumnFamily family) {
    int copied = 0;
    try (Scan scan = source.scan(family, Bytes.EMPTY, null)) {
      while (scan.next()) {
        batch.put(family, scan.key(), scan.value());
        copied++;
        writeAfter(copied);
      }
    } catch (StoreException e) {
      if (!e.damaged()) {
        throw e;
      }
      LOG.warn("The family {} is damaged; its last rows are lost", family.storedName(), e);
    }
  }

  private void copyUpToBase(ColumnFamily family) {
    int copied = 0;
    try (Scan scan = source.scan(family, Bytes.EMPTY, null)) {
      while (scan.next()) {
        byte[] key = scan.key();
        if (Bytes.u64(key, key.length - Long.BYTES) <= head.base()) {
          batch.put(family, key, scan.value());
          copied++;
          writeAfter(copied);
        }
      }
    }
  }

  // Of subjects whose events are all there they are counted again, and come to the same.
  private void copyCounters() {
    try (Scan scan = source.scanPrefix(ColumnFamily.META, Keys.SUBJECT_COUNTERS)) {
      while (scan.next()) {
        batch.put(ColumnFamily.META, scan.key(), scan.value());
      }
    }
  }

  private void writeAfter(int count) {
    if (count % ROWS_PER_BATCH == 0) {
      write();
    }
  }

  private void write() {
    target.write(batch, false);
    batch.close();
    batch = target.newBatch();
  }

  /** Returns the last sequence. */
  private long derive(long from) {
    long sequence = from - 1;
    byte[] hash = null;
    int inBatch = 0;
    try (Scan scan =
        source.scan(ColumnFamily.EVENTS, Bytes.u64(from), Bytes.u64(head.sequence() + 1))) {
      while (scan.next()) {
        long found = Bytes.u64(scan.key(), 0);
        if (found > head.base() + 1 && found != sequence + 1) {
          throw new RuntimeFailure(Kind.DATA_LOSS, "Event " + (sequence + 1) + " is missing");
        }
        sequence = found;
        byte[] bytes = scan.value();
        Frame frame = Frame.decode(bytes);
        hash = frame.hash();
        derive(sequence, bytes, frame);
        inBatch++;
        if (inBatch % EVENTS_PER_BATCH == 0) {
          save(sequence, hash);
        }
      }
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(
          e.kind(), "Cannot derive event " + sequence + " again: " + e.getMessage(), e);
    }
    if (hash != null) {
      save(sequence, hash);
    }
    return sequence;
  }

  private void derive(long sequence, byte[] bytes, Frame frame) {
    EventHeader header = HeaderCodec.read(frame.header());
    if (sequence <= head.base()) {
      EventWrites.event(batch, header, bytes, List.of());
      return;
    }
    EventDefinition<?> definition = catalogue.definition(header.type());
    Event event = redactions.event(header, frame);
    List<RowChange> changes =
        projection.apply(definition, event, header.subject(), sequence, header.time());
    projection.accept();
    changes.forEach(tracker::track);
    counters.set(header.subject(), header.subjectSequence());
    EventWrites.event(batch, header, bytes, changes);
    if (Beacons.isDue(sequence)) {
      Beacons.write(batch, sequence, tracker.hash(), catalogue.fingerprint());
    }
  }

  private void save(long sequence, byte[] hash) {
    EventWrites.state(batch, projection.accepted());
    counters.write(batch);
    HexFormat hex = HexFormat.of();
    batch.put(
        ColumnFamily.META,
        Keys.REBUILD,
        EventJson.write(
            new Done(
                catalogue.fingerprint(),
                sequence,
                hex.formatHex(hash),
                hex.formatHex(tracker.hash()))));
    write();
    holdPoint.after(sequence);
    rows.update(projection.accepted());
    projection.seal();
    projection.clear();
    counters.clear();
    progress.accept(sequence);
  }

  private HeadRow finish() {
    HeadRow done =
        new HeadRow(
            head.epoch(),
            head.sequence(),
            head.time(),
            head.hash(),
            HexFormat.of().formatHex(tracker.hash()),
            head.oldest(),
            head.base());
    batch.put(ColumnFamily.META, Keys.HEAD, done.bytes());
    batch.delete(ColumnFamily.META, Keys.REBUILD);
    target.write(batch, true);
    noteAppliers(target, catalogue);
    target.flush();
    return done;
  }
}
