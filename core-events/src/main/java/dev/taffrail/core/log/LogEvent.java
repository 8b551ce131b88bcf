package dev.taffrail.core.log;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What the log says about itself; the subject is {@code system/log/<log id>}. */
public sealed interface LogEvent extends Event {
  String SUBJECT_TYPE = "log";

  /** By epoch, ten digits. */
  Table<Epoch> EPOCHS = Table.of("log_epochs", Epoch.class);

  /** By the sequence of the event, twenty digits. */
  Table<Salvaged> SALVAGES = Table.of("log_salvages", Salvaged.class);

  EventFamily<LogEvent> FAMILY =
      EventFamily.of(LogEvent.class)
          .tables(EPOCHS, SALVAGES)
          .on("dev.taffrail.log.epoch-started.v1", EpochStarted.class, LogEvent::epochStarted)
          .on("dev.taffrail.log.salvaged.v1", Salvaged.class, LogEvent::salvaged)
          .build();

  private static void epochStarted(Rows rows, EpochStarted event) {
    rows.put(
        EPOCHS,
        String.format(Locale.ROOT, "%010d", event.epoch()),
        new Epoch(event.epoch(), event.after()));
  }

  private static void salvaged(Rows rows, Salvaged event) {
    rows.put(SALVAGES, String.format(Locale.ROOT, "%020d", rows.sequence()), event);
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

  /** A row: where an epoch begins. */
  record Epoch(int epoch, long after) {}
}
