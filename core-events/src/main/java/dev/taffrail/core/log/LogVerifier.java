package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreException;
import dev.taffrail.core.metadata.StoreReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a whole log, replays it in memory and compares: the chain, the density of the sequences,
 * then history, index, beacons and state with what the replay yields. The events come first, so the
 * first bad sequence is that of the event itself when it was changed, and of the first event whose
 * derived rows differ otherwise.
 */
public final class LogVerifier {
  /** What a problem says that is none of the stored data. */
  static final String NO_APPLIER = "no applier for the event type ";

  private static final int MAX_PROBLEMS = 20;

  private final StoreReader store;
  private final EventCatalogue catalogue;
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Redactions redactions;
  private final Derived index;
  private final Derived history;
  private final SortedMap<RowKey, StoredRow> base = new TreeMap<>();
  private long firstBad;
  private int problemCount;

  /** True once something is wrong after which nothing can be derived from what follows. */
  private boolean broken;

  private long events;
  private boolean compared;

  private LogVerifier(StoreReader store, EventCatalogue catalogue, boolean oneByOne) {
    this.store = store;
    this.catalogue = catalogue;
    this.redactions = new Redactions(store, catalogue);
    this.index = new Derived(store, ColumnFamily.INDEX, oneByOne);
    this.history = new Derived(store, ColumnFamily.HISTORY, oneByOne);
  }

  /** Verifies the log in a directory; fails as {@link StoppedLog#open} says. */
  public static VerifyReport verify(Path logDirectory, EventCatalogue families) {
    try (StoppedLog log = StoppedLog.open(logDirectory, families)) {
      return verify(log.source().store(), log.catalogue());
    }
  }

  /**
   * Verifies what {@code store} holds; it must not change meanwhile. Derived rows are compared as a
   * whole, and one by one when something is wrong, to name the event, or when the replay cannot
   * yield all of them.
   */
  static VerifyReport verify(StoreReader store, EventCatalogue catalogue) {
    HeadRow head = head(store);
    LogVerifier whole = new LogVerifier(store, catalogue, false);
    VerifyReport report = whole.run(head);
    return report.ok() && whole.compared
        ? report
        : new LogVerifier(store, catalogue, true).run(head);
  }

  /**
   * Verifies what came after the last beacon of these appliers, and that the state which history
   * has for it is the one it was made of; all when there is no such beacon. Takes as long as
   * reading the state takes, however long the log is.
   */
  static VerifyReport verifyRecent(StoreReader store, EventCatalogue catalogue) {
    HeadRow head = head(store);
    Optional<Long> beacon =
        Beacons.last(store, catalogue.fingerprint())
            .filter(last -> last >= head.oldest() && last > head.base() && last <= head.sequence());
    if (beacon.isEmpty()) {
      return verify(store, catalogue);
    }
    LogVerifier recent = new LogVerifier(store, catalogue, true);
    recent.notes.add(
        "events before " + beacon.get() + " were not read; a full verification reads them");
    return recent.run(head.startingAt(beacon.get()));
  }

  private static HeadRow head(StoreReader store) {
    return HeadRow.read(store)
        .orElseThrow(() -> new RuntimeFailure(Kind.DATA_LOSS, "The log has no head"));
  }

  /**
   * @param head where to start and from which base, and what to come to
   */
  private VerifyReport run(HeadRow head) {
    String logId =
        store
            .get(ColumnFamily.META, Keys.LOG_ID)
            .map(id -> new String(id, StandardCharsets.UTF_8))
            .orElseThrow(() -> new RuntimeFailure(Kind.DATA_LOSS, "The log has no id"));
    verifyEvents(logId, head);
    return new VerifyReport(
        problemCount == 0,
        logId,
        head.cursor(),
        head.oldest(),
        events,
        firstBad == 0 ? Optional.empty() : Optional.of(firstBad),
        problems,
        notes);
  }

  private void problem(long sequence, String finding) {
    broken = true;
    list(sequence, finding);
  }

  private void list(long sequence, String finding) {
    problemCount++;
    if (sequence > 0 && (firstBad == 0 || sequence < firstBad)) {
      firstBad = sequence;
    }
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(sequence > 0 ? "event " + sequence + ": " + finding : finding);
    }
  }

  private void verifyEvents(String logId, HeadRow head) {
    RowsView state = new RowsView(new StoreRows(store), head.sequence());
    Chain chain = startOfChain(logId, head, state);
    Epochs epochs = Epochs.of(state);
    Replay replay = startOfReplay(head);
    long sequence = head.oldest();
    while (sequence <= head.sequence()) {
      Optional<LogEvent.Salvaged> hole = epochs.holeAt(sequence);
      if (hole.isPresent()) {
        notes.add(
            "events " + hole.get().from() + " to " + hole.get().to() + " were lost and told of");
        sequence = hole.get().to() + 1;
        chain.skip();
        continue;
      }
      verifyRun(sequence, epochs, head, chain, replay);
      sequence = epochs.holeFrom(sequence).map(LogEvent.Salvaged::from).orElse(Long.MAX_VALUE);
    }
    if (!broken && chain.hash() != null) {
      if (!Arrays.equals(chain.hash(), head.hashBytes())) {
        problem(head.sequence(), "it is not the one that the head names");
      }
    }
    if (!broken) {
      verifyDerived(head, replay);
    }
  }

  private static Chain startOfChain(String logId, HeadRow head, RowsView state) {
    if (head.oldest() == 1) {
      return new Chain(Hashes.genesis(logId));
    }
    return state
        .find(LogEvent.TRUNCATIONS, Subject.SYSTEM_NAMESPACE, logId)
        .filter(truncated -> truncated.upTo() == head.oldest() - 1)
        .map(truncated -> Chain.after(HexFormat.of().parseHex(truncated.anchor())))
        .orElseGet(() -> new Chain(null));
  }

  private Replay startOfReplay(HeadRow head) {
    if (head.base() == 0) {
      return new Replay(catalogue, RowSource.EMPTY, new StateHash().bytes());
    }
    boolean truncated = head.base() == head.oldest() - 1;
    if (head.base() != head.oldest()) {
      notes.add(
          "the replay starts after event "
              + head.base()
              + (truncated ? ", where the log was truncated" : ", the base of a salvaged log"));
    }
    RowSource then = new AsOfRows(store, head.base());
    if (truncated) {
      base.putAll(Base.rows(store, head.base()));
    } else {
      catalogue.tables().forEach(table -> base.putAll(then.list(table.name(), null, "")));
    }
    StateHash hash = new StateHash();
    base.forEach((key, row) -> hash.add(key.bytes(), row.bytes()));
    if (truncated) {
      // Nothing else of the history is left below the base.
      base.forEach((key, row) -> history.has(key.history(row.sequence()), row.bytes()));
    }
    Replay replay = new Replay(catalogue, then, hash.bytes());
    if (Beacons.isDue(head.base())
        && store.get(ColumnFamily.BEACONS, Bytes.u64(head.base())).isPresent()) {
      verifyBeacon(head.base(), replay);
    }
    return replay;
  }

  /** A run of events without a hole. */
  private void verifyRun(long from, Epochs epochs, HeadRow head, Chain chain, Replay replay) {
    long end = epochs.holeFrom(from).map(hole -> hole.from() - 1).orElse(head.sequence());
    long expected = from;
    try (ReadAhead run = new ReadAhead(store, catalogue, from, end)) {
      while (run.next()) {
        long sequence = run.event().sequence();
        if (sequence != expected) {
          problem(expected, "it is missing; the next one is " + sequence);
          chain.skip();
        }
        expected = sequence + 1;
        verifyEvent(run.event(), head, chain, replay);
      }
    } catch (StoreException e) {
      problem(expected, "it cannot be read: " + e.getMessage());
      return;
    }
    if (expected <= end) {
      problem(expected, "it is missing, and so are all up to " + end);
    }
  }

  private void verifyEvent(ReadEvent event, HeadRow head, Chain chain, Replay replay) {
    long sequence = event.sequence();
    events++;
    try {
      EventHeader header = chain.check(sequence, event);
      verifyIndex(header);
      if (sequence > head.base() && !broken) {
        apply(header, event, replay);
      }
    } catch (RuntimeFailure | StoreException e) {
      problem(sequence, e.getMessage());
      chain.skip();
    }
  }

  private void verifyIndex(EventHeader header) {
    for (byte[] key : Keys.index(header)) {
      if (!index.has(key, Bytes.EMPTY)) {
        problem(header.sequence(), "an index row of it is missing");
      }
    }
  }

  private void apply(EventHeader header, ReadEvent event, Replay replay) {
    if (!replay.knows(header.type())) {
      if (replay.stop(header.type())) {
        list(
            header.sequence(),
            NO_APPLIER
                + header.type()
                + "; the replay of "
                + Replay.prefix(header.type())
                + " stops here");
      }
      return;
    }
    if (replay.isStopped(header.type())) {
      return;
    }
    List<RowChange> changes;
    try {
      changes = replay.apply(header, redactions.event(event));
    } catch (RuntimeException e) {
      problem(header.sequence(), "it cannot be applied: " + e.getMessage());
      return;
    }
    for (RowChange change : changes) {
      if (!history.has(change.key().history(header.sequence()), change.historyValue())) {
        problem(
            header.sequence(),
            "the history of " + describe(change.key()) + " lacks it or differs from the replay");
      }
    }
    verifyBeacon(header.sequence(), replay);
  }

  private void verifyBeacon(long sequence, Replay replay) {
    if (!Beacons.isDue(sequence) || !replay.isComplete()) {
      return;
    }
    Optional<byte[]> stored = store.get(ColumnFamily.BEACONS, Bytes.u64(sequence));
    if (stored.isEmpty()) {
      problem(sequence, "its beacon is missing");
      return;
    }
    byte[] fingerprint = HexFormat.of().parseHex(catalogue.fingerprint());
    byte[] of = Arrays.copyOfRange(stored.get(), Hashes.LENGTH, stored.get().length);
    if (!Arrays.equals(of, fingerprint)) {
      String note = "beacons of other appliers were not compared";
      if (!notes.contains(note)) {
        notes.add(note);
      }
      return;
    }
    if (!Arrays.equals(Arrays.copyOf(stored.get(), Hashes.LENGTH), replay.stateHash())) {
      problem(sequence, "the state after it differs from its beacon");
    }
  }

  /** Rows that no event accounts for, and the state itself. */
  private void verifyDerived(HeadRow head, Replay replay) {
    if (replay.isComplete() && !Arrays.equals(replay.stateHash(), head.stateHashBytes())) {
      problem(0, "the hash of the state in the head differs from the replay");
    }
    SortedMap<RowKey, StoredRow> expected = new TreeMap<>(base);
    for (Map.Entry<RowKey, Optional<StoredRow>> change : replay.changed().entrySet()) {
      change
          .getValue()
          .ifPresentOrElse(
              row -> expected.put(change.getKey(), row), () -> expected.remove(change.getKey()));
    }
    verifyState(expected, replay);
    if (head.base() == head.oldest() - 1 && replay.isComplete() && Trimmer.isDone(store, head)) {
      // Below the base of a salvaged log the rows are compared one by one at best.
      history.compare().ifPresent(finding -> problem(0, finding));
      index.compare().ifPresent(finding -> problem(0, finding));
      compared = true;
    }
  }

  private void verifyState(SortedMap<RowKey, StoredRow> expected, Replay replay) {
    expected.keySet().removeIf(key -> !replay.follows(key.table()));
    try (Scan scan = store.scan(ColumnFamily.STATE, Bytes.EMPTY, null)) {
      while (scan.next()) {
        RowKey key = RowKey.parse(scan.key());
        if (!replay.follows(key.table())) {
          continue;
        }
        StoredRow row = expected.remove(key);
        StoredRow stored = StoredRow.parse(scan.value());
        if (row == null) {
          problem(stored.sequence(), "the state has the row " + describe(key) + ", the replay not");
        } else if (!Arrays.equals(row.bytes(), stored.bytes())) {
          problem(row.sequence(), "the row " + describe(key) + " differs from the replay");
        }
      }
    } catch (StoreException e) {
      problem(0, "the state cannot be read: " + e.getMessage());
      return;
    }
    expected.forEach(
        (key, row) -> problem(row.sequence(), "the state lacks the row " + describe(key)));
  }

  private static String describe(RowKey key) {
    String namespace =
        key.namespace().equals(Subject.DEFAULT_NAMESPACE) ? "" : key.namespace() + "/";
    return key.table() + "/" + namespace + key.id();
  }
}
