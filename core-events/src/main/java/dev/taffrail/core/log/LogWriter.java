package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Emission;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.CommandQueue.Pending;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Decides commands one after another and commits a group of them in one batch with one fsync. Used
 * by one thread. When a write fails, it is unknown what is stored, and the writer must be thrown
 * away.
 */
final class LogWriter {
  private static final int GROUP_COMMANDS = 512;
  private static final long GROUP_BYTES = 4L << 20;
  private static final long DEDUP_NANOS = TimeUnit.HOURS.toNanos(24);
  private static final int DEDUP_SWEEP = 1024;

  private final MetadataStore store;
  private final EventCatalogue catalogue;
  private final LogSettings settings;
  private final String logId;
  private final int epoch;
  private final CachedRows rows;
  private final Projection projection;
  private final StateTracker tracker;
  private final SubjectCounters counters;
  private final Map<String, DedupRow> dedup = new HashMap<>();
  private final HoldPoint holdPoint = HoldPoint.configured();
  private HeadRow head;
  private int dedupSinceSweep;

  /**
   * Continues after {@code head}.
   *
   * @param epoch of the events to come
   */
  LogWriter(
      MetadataStore store,
      EventCatalogue catalogue,
      LogSettings settings,
      String logId,
      HeadRow head,
      int epoch) {
    this.store = store;
    this.catalogue = catalogue;
    this.settings = settings;
    this.logId = logId;
    this.head = head;
    this.epoch = epoch;
    this.rows = new CachedRows(new StoreRows(store));
    this.projection = new Projection(rows);
    this.tracker = new StateTracker(head.stateHashBytes());
    this.counters = new SubjectCounters(store);
  }

  /** After the last committed group. */
  HeadRow head() {
    return head;
  }

  String logId() {
    return logId;
  }

  /**
   * Commits {@code first} and what else waits, until the group is full.
   *
   * @param more null when nothing waits
   * @param into what was taken is added here before anything else happens, so that it can be
   *     answered when this throws
   */
  void commit(Pending<?> first, Supplier<Pending<?>> more, Group into) {
    try (Batch batch = store.newBatch()) {
      GroupBatch writes = new GroupBatch(batch, into);
      Pending<?> pending = first;
      while (pending != null) {
        into.taken.add(pending);
        writes.decide(pending);
        boolean full = into.taken.size() >= GROUP_COMMANDS || writes.bytes >= GROUP_BYTES;
        pending = full ? null : more.get();
      }
      if (writes.isEmpty()) {
        return;
      }
      HeadRow next = writes.finish();
      holdPoint.before(next.sequence());
      store.write(batch, settings.mode() == LogMode.DURABLE);
      holdPoint.after(next.sequence());
      rows.update(projection.accepted());
      projection.clear();
      dedup.clear();
      head = next;
    }
    sweepDedup();
  }

  private void sweepDedup() {
    if (dedupSinceSweep < DEDUP_SWEEP) {
      return;
    }
    dedupSinceSweep = 0;
    try (Batch batch = store.newBatch();
        Scan scan = store.scan(ColumnFamily.DEDUP, new byte[0], null)) {
      while (scan.next()) {
        if (EventJson.read(scan.value(), DedupRow.class).expires() <= head.time()) {
          batch.delete(ColumnFamily.DEDUP, scan.key());
        }
      }
      store.write(batch, false);
    }
  }

  /** The commands of one commit, what they appended, and the answers to give afterwards. */
  static final class Group {
    private final List<Pending<?>> taken = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    private final List<Appended> appended = new ArrayList<>();
    private final List<Room> rooms = new ArrayList<>();

    /** The events that the outcomes of a command will name as their cause; none without effect. */
    record Room(Command<?> command, long first, long last) {
      boolean isKept() {
        return command.outcomes() > 0 && first <= last;
      }
    }

    List<Appended> appended() {
      return appended;
    }

    /** Releases and registers reserved room, then answers everyone. */
    void answer(CommandQueue queue) {
      for (Room room : rooms) {
        if (room.isKept()) {
          queue.expectOutcomes(room.command(), room.first(), room.last());
        } else {
          queue.expectNoOutcomes(room.command());
        }
        queue.answered(room.command());
      }
      answers.forEach(Runnable::run);
    }

    /** Tells everyone that the write failed. */
    void fail(CommandQueue queue, RuntimeFailure failure) {
      for (Pending<?> pending : taken) {
        queue.expectNoOutcomes(pending.command());
        queue.answered(pending.command());
        pending.fail(failure);
      }
    }
  }

  /** One event of a command that is not accepted yet. */
  private static final class Draft {
    private final String type;
    private final Subject subject;
    private final byte[] payload;
    private final List<RowChange> changes;

    Draft(String type, Subject subject, byte[] payload, List<RowChange> changes) {
      this.type = type;
      this.subject = subject;
      this.payload = payload;
      this.changes = changes;
    }
  }

  /** A command that will be committed, and what its repetition will be answered with. */
  private record Accepted<R>(
      List<Draft> drafts, Committed<R> committed, Optional<DedupRow> answer, boolean effect) {}

  /** The batch of one group under construction. */
  private final class GroupBatch {
    private final Batch batch;
    private final Group group;
    private long bytes;
    private long sequence = head.sequence();
    private long time = head.time();
    private byte[] hash = head.hashBytes();

    GroupBatch(Batch batch, Group group) {
      this.batch = batch;
      this.group = group;
    }

    boolean isEmpty() {
      return group.appended.isEmpty() && dedup.isEmpty();
    }

    <R> void decide(Pending<R> pending) {
      Accepted<R> accepted;
      try {
        accepted = tryToDecide(pending.command());
      } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
        // A bug of the decider's, a class it lacks included, is none of the store.
        projection.reject();
        group.rooms.add(new Group.Room(pending.command(), 0, -1));
        group.answers.add(() -> pending.fail(e));
        return;
      }
      // From here on a failure is one of the store and fails the whole group.
      projection.accept();
      append(pending.command(), accepted.drafts());
      accepted
          .answer()
          .ifPresent(row -> write(pending.command().idempotency().orElseThrow().key(), row));
      Committed<R> committed = accepted.committed();
      group.rooms.add(
          new Group.Room(
              pending.command(),
              committed.firstSequence(),
              accepted.effect() ? committed.cursor().sequence() : -1));
      group.answers.add(() -> pending.reply().complete(committed));
    }

    private <R> Accepted<R> tryToDecide(Command<R> command) {
      Optional<Committed<R>> earlier = command.idempotency().flatMap(this::repeated);
      if (earlier.isPresent()) {
        return new Accepted<>(List.of(), earlier.get(), Optional.empty(), false);
      }
      Decision<R> decision = command.decider().decide(projection.view(sequence));
      List<Draft> drafts = draft(decision);
      Cursor cursor =
          new Cursor(drafts.isEmpty() ? cursorEpoch() : epoch, sequence + drafts.size());
      Committed<R> committed = new Committed<>(decision.reply(), sequence + 1, cursor, false);
      return new Accepted<>(
          drafts,
          committed,
          command.idempotency().map(key -> remember(key, committed)),
          decision.effect());
    }

    private int cursorEpoch() {
      return group.appended.isEmpty() ? head.epoch() : epoch;
    }

    /** Applies the events of a decision. */
    private List<Draft> draft(Decision<?> decision) {
      List<Draft> drafts = new ArrayList<>(decision.emissions().size());
      time = Math.max(time, settings.clock().getAsLong());
      Instant instant = Keys.instant(time);
      for (Emission emission : decision.emissions()) {
        EventDefinition<?> definition = catalogue.definition(emission.event());
        byte[] payload = EventJson.write(emission.event());
        if (payload.length > Frame.MAX_PAYLOAD) {
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT,
              "An event of type "
                  + definition.type()
                  + " would have "
                  + payload.length
                  + " bytes; at most "
                  + Frame.MAX_PAYLOAD
                  + " are allowed");
        }
        long next = sequence + drafts.size() + 1;
        List<RowChange> changes =
            projection.apply(definition, emission.event(), emission.subject(), next, instant);
        drafts.add(new Draft(definition.type(), emission.subject(), payload, changes));
      }
      return drafts;
    }

    private void append(Command<?> command, List<Draft> drafts) {
      for (int position = 0; position < drafts.size(); position++) {
        Draft draft = drafts.get(position);
        sequence++;
        EventHeader header =
            new EventHeader(
                sequence,
                epoch,
                Keys.instant(time),
                draft.type,
                draft.subject,
                counters.next(draft.subject),
                command.origin().correlationId(),
                command.cause(),
                command.origin().actor(),
                command.origin().traceparent(),
                command.idempotency().map(Command.Idempotency::key),
                position,
                drafts.size());
        byte[] salt = new byte[Frame.SALT_LENGTH];
        settings.salts().nextBytes(salt);
        Frame frame = Frame.of(hash, HeaderCodec.write(header), salt, draft.payload);
        hash = frame.hash();
        byte[] encoded = frame.encode();
        bytes += encoded.length;
        EventWrites.event(batch, header, encoded, draft.changes);
        draft.changes.forEach(tracker::track);
        if (Beacons.isDue(sequence)) {
          Beacons.write(batch, sequence, tracker.hash(), catalogue.fingerprint());
        }
        group.appended.add(new Appended(header, frame));
      }
    }

    /** Adds what a group writes once. */
    HeadRow finish() {
      EventWrites.state(batch, projection.accepted());
      counters.write(batch);
      HexFormat hex = HexFormat.of();
      HeadRow next =
          new HeadRow(
              cursorEpoch(),
              sequence,
              time,
              hex.formatHex(hash),
              hex.formatHex(tracker.hash()),
              head.oldest(),
              head.base());
      batch.put(ColumnFamily.META, Keys.HEAD, next.bytes());
      return next;
    }

    private <R> Optional<Committed<R>> repeated(Command.Idempotency<R> key) {
      DedupRow row = dedup.get(key.key());
      if (row == null) {
        row =
            store
                .get(ColumnFamily.DEDUP, Keys.utf8(key.key()))
                .map(json -> EventJson.read(json, DedupRow.class))
                .orElse(null);
      }
      if (row == null || row.expires() <= settings.clock().getAsLong()) {
        return Optional.empty();
      }
      if (!row.fingerprint().equals(key.fingerprint())) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "The idempotency key " + key.key() + " was used for another request");
      }
      try {
        R reply = EventJson.mapper().treeToValue(row.reply(), key.replyClass());
        return Optional.of(new Committed<>(reply, row.firstSequence(), row.cursor(), true));
      } catch (JsonProcessingException e) {
        throw new RuntimeFailure(
            Kind.DATA_LOSS, "The stored reply to " + key.key() + " cannot be read", e);
      }
    }

    private <R> DedupRow remember(Command.Idempotency<R> key, Committed<R> committed) {
      return new DedupRow(
          key.fingerprint(),
          EventJson.mapper().valueToTree(committed.reply()),
          committed.firstSequence(),
          committed.cursor().epoch(),
          committed.cursor().sequence(),
          time + DEDUP_NANOS);
    }

    private void write(String key, DedupRow row) {
      dedup.put(key, row);
      dedupSinceSweep++;
      batch.put(ColumnFamily.DEDUP, Keys.utf8(key), EventJson.write(row));
    }
  }
}
