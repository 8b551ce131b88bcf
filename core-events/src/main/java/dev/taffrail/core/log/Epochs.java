package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which cursors still have their meaning. */
final class Epochs {
  private final List<LogEvent.Epoch> epochs;
  private final List<LogEvent.Salvaged> salvages;
  private final Optional<Path> archive;

  private Epochs(
      List<LogEvent.Epoch> epochs, List<LogEvent.Salvaged> salvages, Optional<Path> archive) {
    this.epochs = epochs;
    this.salvages = salvages;
    this.archive = archive;
  }

  static Epochs of(StateView view) {
    return new Epochs(
        view.list(LogEvent.EPOCHS, Subject.SYSTEM_NAMESPACE, "").stream().map(Row::value).toList(),
        view.list(LogEvent.SALVAGES, Subject.SYSTEM_NAMESPACE, "").stream()
            .map(Row::value)
            .toList(),
        Optional.empty());
  }

  /** The same; who asks for what was truncated is told where it is. */
  Epochs with(Optional<Path> whereArchived) {
    return new Epochs(epochs, salvages, whereArchived);
  }

  /** That a moment lies below what is kept, for people. */
  String below() {
    return "it lies below the oldest event" + archive.map(Epochs::older).orElse("");
  }

  private static String older(Path directory) {
    return "; older ones are archived in " + directory;
  }

  /** That there was more than is kept, for people. */
  String beyond(long oldest) {
    return "the oldest event kept is " + oldest + archive.map(Epochs::older).orElse("");
  }

  /** What the last salvage lost, for people. */
  Optional<String> lastSalvage() {
    return salvages.stream().reduce((first, second) -> second).map(Epochs::describe);
  }

  private static String describe(LogEvent.Salvaged loss) {
    return "events "
        + loss.from()
        + " to "
        + loss.to()
        + (loss.hole() ? " were lost: " : " and perhaps more were lost at the end: ")
        + loss.reason();
  }

  /** The hole whose first sequence is {@code sequence} or that contains it. */
  Optional<LogEvent.Salvaged> holeAt(long sequence) {
    return salvages.stream()
        .filter(loss -> loss.hole() && loss.from() <= sequence && sequence <= loss.to())
        .findFirst();
  }

  /** The first hole that begins at or after {@code sequence}. */
  Optional<LogEvent.Salvaged> holeFrom(long sequence) {
    return salvages.stream()
        .filter(loss -> loss.hole() && loss.from() >= sequence)
        .min(Comparator.comparingLong(LogEvent.Salvaged::from));
  }

  /** As {@link EventLog#read} says, for a reader that goes on after {@code cursor}. */
  void checkReadable(Cursor cursor, Cursor head, long oldest) {
    checkMeaning(cursor, head, oldest);
    if (!cursor.equals(Cursor.START) && cursor.sequence() < oldest - 1) {
      throw gone(cursor, below(), head, oldest);
    }
    holeAt(cursor.sequence() + 1)
        .filter(hole -> !cursor.equals(Cursor.START))
        .ifPresent(
            hole -> {
              throw gone(
                  cursor,
                  describe(hole) + "; go on from " + new Cursor(head.epoch(), hole.to()),
                  head,
                  oldest);
            });
  }

  /** As {@link EventLog#asOf} says. */
  void checkMoment(Cursor cursor, Cursor head, long oldest) {
    checkMeaning(cursor, head, oldest);
    if (cursor.sequence() < oldest - 1) {
      throw gone(cursor, below(), head, oldest);
    }
    holeAt(cursor.sequence())
        .ifPresent(
            hole -> {
              throw gone(cursor, describe(hole), head, oldest);
            });
  }

  /**
   * GONE when the cursor is that of an event that was lost; OUT_OF_RANGE above the head. What is
   * truncated keeps its meaning.
   */
  void checkMeaning(Cursor cursor, Cursor head, long oldest) {
    if (cursor.epoch() > head.epoch()
        || (cursor.epoch() == head.epoch() && cursor.sequence() > head.sequence())) {
      throw new RuntimeFailure(
          Kind.OUT_OF_RANGE, "The cursor " + cursor + " is above the head of the log, " + head);
    }
    for (LogEvent.Epoch next : epochs) {
      if (next.epoch() > cursor.epoch() && cursor.sequence() > next.after()) {
        throw gone(
            cursor,
            "epoch " + next.epoch() + " began after sequence " + next.after(),
            head,
            oldest);
      }
    }
  }

  private static RuntimeFailure gone(Cursor cursor, String reason, Cursor head, long oldest) {
    return new RuntimeFailure(
        Kind.GONE,
        "The cursor "
            + cursor
            + " is gone: "
            + reason
            + " (oldest event "
            + oldest
            + ", head "
            + head
            + ")");
  }
}
