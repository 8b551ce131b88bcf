package dev.taffrail.core.log;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What the log says about itself; the subject is {@code system/log/<log id>}. */
public sealed interface LogEvent extends Event {
  String SUBJECT_TYPE = "log";
  String TRUNCATED = "dev.taffrail.log.truncated.v1";
  String REDACTED = "dev.taffrail.log.redacted.v1";

  /** By epoch, ten digits. */
  Table<Epoch> EPOCHS = Table.of("log_epochs", Epoch.class);

  /** By the sequence of the event, twenty digits. */
  Table<Salvaged> SALVAGES = Table.of("log_salvages", Salvaged.class);

  /** The last truncation, by the id of the log. */
  Table<Truncated> TRUNCATIONS = Table.of("log_truncations", Truncated.class);

  /** Durable consumers that the log did not wait for, by their name. */
  Table<ConsumerLost> LOST_CONSUMERS = Table.of("log_lost_consumers", ConsumerLost.class);

  /** By the sequence of the redacted event, twenty digits. */
  Table<Redacted> REDACTIONS = Table.of("log_redactions", Redacted.class);

  /** By the sequence of the event, twenty digits. */
  Table<Rebuilt> REBUILDS = Table.of("log_rebuilds", Rebuilt.class);

  EventFamily<LogEvent> FAMILY =
      EventFamily.of(LogEvent.class)
          .tables(EPOCHS, SALVAGES, TRUNCATIONS, LOST_CONSUMERS, REDACTIONS, REBUILDS)
          .on("dev.taffrail.log.epoch-started.v1", EpochStarted.class, LogEvent::epochStarted)
          .on("dev.taffrail.log.salvaged.v1", Salvaged.class, LogEvent::salvaged)
          .on(TRUNCATED, Truncated.class, LogEvent::truncated)
          .on("dev.taffrail.log.consumer-lost.v1", ConsumerLost.class, LogEvent::consumerLost)
          .on(REDACTED, Redacted.class, LogEvent::redacted)
          .on("dev.taffrail.log.rebuilt.v1", Rebuilt.class, LogEvent::rebuilt)
          .build();

  private static void epochStarted(Rows rows, EpochStarted event) {
    rows.put(
        EPOCHS,
        String.format(Locale.ROOT, "%010d", event.epoch()),
        new Epoch(event.epoch(), event.after()));
  }

  private static void salvaged(Rows rows, Salvaged event) {
    rows.put(SALVAGES, rowId(rows.sequence()), event);
  }

  /** Of a row by sequence: twenty digits, so that the rows are in the order of the sequences. */
  static String rowId(long sequence) {
    return String.format(Locale.ROOT, "%020d", sequence);
  }

  private static void redacted(Rows rows, Redacted event) {
    rows.put(REDACTIONS, rowId(event.sequence()), event);
  }

  private static void rebuilt(Rows rows, Rebuilt event) {
    rows.put(REBUILDS, rowId(rows.sequence()), event);
  }

  private static void truncated(Rows rows, Truncated event) {
    rows.put(TRUNCATIONS, rows.subject().id(), event);
  }

  private static void consumerLost(Rows rows, ConsumerLost event) {
    rows.put(LOST_CONSUMERS, event.consumer(), event);
  }

  static Subject subject(String logId) {
    return new Subject(Subject.SYSTEM_NAMESPACE, SUBJECT_TYPE, logId);
  }

  /**
   * The first event of an epoch.
   *
   * @param after the last sequence that the epochs before it keep; cursors of theirs above it are
   *     gone
   */
  @About(
      "A new epoch begins: with a new log, after a salvage, after an unclean stop in relaxed mode.")
  record EpochStarted(
      int epoch,
      @About("The last sequence that earlier epochs keep.") long after,
      @About("Why it begins.") String reason)
      implements LogEvent {
    public EpochStarted {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /**
   * Events were lost, and the log goes on without them.
   *
   * @param from the first lost sequence
   * @param to the last one; with {@code hole}, no event has a sequence in this range. Without it
   *     the tail was lost, and the new epoch uses these sequences again; there may have been more
   * @param quarantine where the damaged files are, relative to the log's directory
   */
  @About("Stored events were damaged or missing; what is left verifies, the rest is in quarantine.")
  record Salvaged(
      @About("The first lost sequence.") long from,
      @About("The last lost sequence that is known of.") long to,
      @About("True when no event has these sequences; false when the new epoch uses them again.")
          boolean hole,
      @About("What was found.") String reason,
      @About("Where the damaged files are, below the log's directory.") Optional<String> quarantine)
      implements LogEvent {
    public Salvaged {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(quarantine, "quarantine");
    }
  }

  /**
   * Everything up to {@code upTo} is no longer in the log, but for the last value of each row that
   * was live then.
   *
   * @param anchor the hash of the event {@code upTo}, lower-case hex; the chain goes on from it
   */
  @About("The oldest events were removed, as the retention asks; what was live then is the base.")
  record Truncated(
      @About("The last removed sequence.") long upTo,
      @About("The hash of that event; the next one follows it.") String anchor)
      implements LogEvent {
    public Truncated {
      Objects.requireNonNull(anchor, "anchor");
    }
  }

  /** A truncation was due that removes events a durable consumer has not read. */
  @About("A durable consumer was too far behind; events that it has not read are removed.")
  record ConsumerLost(
      @About("Its name.") String consumer,
      @About("The epoch of its cursor.") int epoch,
      @About("The sequence of its cursor; it must go on above the truncation.") long sequence)
      implements LogEvent {
    public ConsumerLost {
      Objects.requireNonNull(consumer, "consumer");
    }

    Cursor cursor() {
      return new Cursor(epoch, sequence);
    }
  }

  /**
   * The payload of an event is gone, and what was derived from it is derived from {@code
   * substitute} now.
   *
   * @param sequence of the redacted event
   * @param fields JSON pointers to what was replaced
   * @param substitute the JSON that stands in the place of the payload
   */
  @About("The payload of an event was removed for good; a substitute stands in for it in replays.")
  record Redacted(
      @About("The sequence of the redacted event.") long sequence,
      @About("Why, in the words of who asked for it.") String reason,
      @About("JSON pointers to what was replaced in the payload.") List<String> fields,
      @About("The JSON that replays take for the payload.") String substitute)
      implements LogEvent {
    public Redacted {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(substitute, "substitute");
      fields = List.copyOf(fields);
    }
  }

  /**
   * State, history, index and beacons up to {@code upTo} were derived from the events again.
   *
   * @param quarantine where the database from before is, relative to the log's directory
   */
  @About("What is derived from the events was made anew from them; no event was lost.")
  record Rebuilt(
      @About("The last event that was derived from.") long upTo,
      @About("Why: an applier that has changed, damage, a request.") String reason,
      @About("Where damaged files are, below the log's directory.") Optional<String> quarantine)
      implements LogEvent {
    public Rebuilt {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(quarantine, "quarantine");
    }
  }

  /** A row: where an epoch begins. */
  record Epoch(int epoch, long after) {}
}
