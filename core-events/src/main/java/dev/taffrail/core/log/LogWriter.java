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
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides commands one after another and commits a group of them in one batch with one fsync. Used
 * by one thread. When a write fails, it is unknown what is stored, and the writer must be thrown
 * away.
 */
final class LogWriter {
  private static final int GROUP_COMMANDS = 512;

  /** As many commands take longer to decide than another thread takes to wake up. */
  private static final int COMMANDS_WORTH_A_THREAD = 64;

  private static final int IDLE_SECONDS = 10;
  private static final long GROUP_BYTES = 4L << 20;
  private static final long DEDUP_NANOS = TimeUnit.HOURS.toNanos(24);
  private static final int DEDUP_SWEEP = 1024;

  private final MetadataStore store;
  private final EventCatalogue catalogue;
  private final LogSettings settings;
  private final String logId;
  private final int epoch;
  private final RowKey truncation;
  private final CachedRows rows;
  private final Projection projection;
  private final StateTracker tracker;
  private final SubjectCounters counters;
  private final HoldPoint holdPoint = HoldPoint.configured();
  private final ExecutorService writeThread = newWriteThread();
  private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
  private Map<String, DedupRow> sealedDedup = Map.of();
  private Map<String, DedupRow> dedup = new HashMap<>();

  /** After the last sealed group, which may be being written. */
  private HeadRow sealed;

  private volatile HeadRow head;
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
    this.sealed = head;
    this.epoch = epoch;
    this.truncation = RowKey.of(LogEvent.TRUNCATIONS, Subject.SYSTEM_NAMESPACE, logId);
    this.rows = new CachedRows(new StoreRows(store));
    this.projection = new Projection(rows);
    this.tracker = new StateTracker(head.stateHashBytes());
    this.counters = new SubjectCounters(store);
  }

  /** A thread that ends when it has had nothing to do for a while. */
  private static ExecutorService newWriteThread() {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> StoredLog.daemonThread(task, "taffrail-log-commit"));
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /** After the last committed group. */
  HeadRow head() {
    return head;
  }

  String logId() {
    return logId;
  }

  /**
   * Commits {@code first} and what else waits, in groups, and returns when all of it is committed.
   * While another thread writes one group, the next is decided on top of it; when nothing more
   * waits, this thread writes the last one itself. A group whose write fails takes the one after it
   * along.
   *
   * @param more null when nothing waits
   * @param committed is told of each group in order, once it is durable, on either thread
   * @param open what was taken and is not committed yet is here, so that it can be answered when
   *     this throws
   */
  void commit(
      Pending<?> first, Supplier<Pending<?>> more, Consumer<Group> committed, Queue<Group> open) {
    try {
      GroupBatch group = new GroupBatch(open);
      group.decide(first);
      while (true) {
        // Before the next one is taken: what is in no group is answered by nobody when this throws.
        if (group.isFull() || (group.isWorthAThread() && written.isDone())) {
          awaitWritten();
          seal(group);
          GroupBatch full = group;
          written = CompletableFuture.runAsync(() -> write(full, committed, open), writeThread);
          group = new GroupBatch(open);
        }
        Pending<?> next = more.get();
        if (next == null) {
          break;
        }
        group.decide(next);
      }
      awaitWritten();
      seal(group);
      write(group, committed, open);
      settle();
    } finally {
      // Nothing is being written when this returns, whatever happened.
      written.exceptionally(e -> null).join();
    }
    sweepDedup();
  }

  /** Completes {@code group}; what comes next is decided on top of it. */
  private void seal(GroupBatch group) {
    if (!group.isEmpty()) {
      sealed = group.finish();
      projection.seal();
      sealedDedup = dedup;
      dedup = new HashMap<>();
    }
  }

  private void write(GroupBatch group, Consumer<Group> committed, Queue<Group> open) {
    group.write();
    if (group.group.head != null) {
      head = group.group.head;
    }
    committed.accept(group.group);
    open.remove(group.group);
  }

  /** Throws what the other thread's write has thrown. */
  private void awaitWritten() {
    try {
      written.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    settle();
  }

  /** What was sealed is in the store. */
  private void settle() {
    rows.update(projection.sealed());
    projection.clear();
    counters.clear();
    sealedDedup = Map.of();
  }

  /** Commits the event that tells of a redaction together with all that it writes anew. */
  void commit(Pending<?> command, Redactor redactor, Consumer<Group> committed, Queue<Group> open) {
    GroupBatch group = new GroupBatch(open);
    redactor.write(store, group.batch, settings.retention().archive().isPresent());
    tracker.reset(redactor.stateHash(head.stateHashBytes()));
    group.decide(command);
    seal(group);
    write(group, committed, open);
    settle();
    // What is remembered is from before.
    rows.forget();
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
    private HeadRow head;

    /** The events that the outcomes of a command will name as their cause; none without effect. */
    record Room(Command<?> command, long first, long last) {
      boolean isKept() {
        return command.outcomes() > 0 && first <= last;
      }
    }

    List<Appended> appended() {
      return appended;
    }

    /** The number of its commands. */
    int size() {
      return taken.size();
    }

    /** The head of the log after this group. */
    HeadRow head() {
      return head;
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

    /** Tells those who asked for something that the write failed. */
    void failRequests(RuntimeFailure failure) {
      for (Pending<?> pending : taken) {
        if (pending.command().lane() != Command.Lane.OUTCOME) {
          pending.fail(failure);
        }
      }
    }

    /** Nothing of it is stored: forgets the requests, which were told so, and returns the rest. */
    List<Pending<?>> dropRequests(CommandQueue queue) {
      List<Pending<?>> outcomes = new ArrayList<>();
      for (Pending<?> pending : taken) {
        if (pending.command().lane() == Command.Lane.OUTCOME) {
          outcomes.add(pending);
        } else {
          queue.expectNoOutcomes(pending.command());
          queue.answered(pending.command());
        }
      }
      return outcomes;
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

  /** One group and its batch. */
  private final class GroupBatch {
    private final Batch batch = store.newBatch();
    private final Group group = new Group();
    private long bytes;
    private long sequence = sealed.sequence();
    private long time = sealed.time();
    private byte[] hash = sealed.hashBytes();

    GroupBatch(Queue<Group> open) {
      open.add(group);
    }

    boolean isFull() {
      return group.size() >= GROUP_COMMANDS || bytes >= GROUP_BYTES;
    }

    boolean isWorthAThread() {
      return group.size() >= COMMANDS_WORTH_A_THREAD;
    }

    /** Before it is sealed. */
    boolean isEmpty() {
      return group.appended.isEmpty() && dedup.isEmpty();
    }

    <R> void decide(Pending<R> pending) {
      group.taken.add(pending);
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
      return group.appended.isEmpty() ? sealed.epoch() : epoch;
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
      // A truncation takes effect with its event; its rows are removed afterwards.
      long removed =
          projection.accepted().getOrDefault(truncation, Optional.empty()).stream()
              .mapToLong(row -> row.value(LogEvent.TRUNCATIONS).upTo())
              .findFirst()
              .orElse(0);
      HeadRow next =
          new HeadRow(
              cursorEpoch(),
              sequence,
              time,
              hex.formatHex(hash),
              hex.formatHex(tracker.hash()),
              Math.max(sealed.oldest(), removed + 1),
              Math.max(sealed.base(), removed));
      batch.put(ColumnFamily.META, Keys.HEAD, next.bytes());
      group.head = next;
      return next;
    }

    /** Writes what {@link #finish} has completed, if anything; on either thread. */
    void write() {
      try (batch) {
        if (group.head != null) {
          holdPoint.before(group.head.sequence());
          store.write(batch, settings.mode() == LogMode.DURABLE);
          holdPoint.after(group.head.sequence());
        }
      }
    }

    private <R> Optional<Committed<R>> repeated(Command.Idempotency<R> key) {
      DedupRow row = dedup.getOrDefault(key.key(), sealedDedup.get(key.key()));
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
