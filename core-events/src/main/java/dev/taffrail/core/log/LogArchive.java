package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.MetadataStore;
import dev.taffrail.core.metadata.Scan;
import dev.taffrail.core.metadata.StoreReader;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory into which the keeper of a log writes what it is about to remove. Segments follow
 * each other without overlap; a segment is on disk before the event of a truncation is, and what a
 * crash leaves half-written is written again. One thread at a time.
 */
final class LogArchive {
  private static final Logger LOG = LoggerFactory.getLogger(LogArchive.class);
  private static final String DIVERGED = ".diverged";

  private final Path directory;
  private final EventCatalogue catalogue;
  private volatile Optional<String> failure = Optional.empty();

  /** Touches nothing yet. The directory must exist when something is to be archived. */
  LogArchive(Path directory, EventCatalogue catalogue) {
    this.directory = directory;
    this.catalogue = catalogue;
  }

  /** How things stand, as far as that can be seen. */
  LogStorage.Archive status(String logId) {
    Optional<String> trouble = failure;
    Optional<Long> last = Optional.empty();
    try {
      last = files(logId).stream().findFirst().flatMap(file -> Segment.lastOf(file, logId));
    } catch (IOException e) {
      trouble = trouble.or(() -> Optional.of(describe(e)));
    }
    return new LogStorage.Archive(directory, last, trouble);
  }

  /** Why the last attempt failed; empty when it did not. */
  Optional<String> failure() {
    return failure;
  }

  /**
   * Returns once all events up to {@code upTo} that the log has are archived. UNAVAILABLE when the
   * directory cannot be written to; DATA_LOSS when an event cannot be read.
   */
  void keep(MetadataStore store, String logId, long upTo) {
    try (StoreSnapshot then = store.snapshot()) {
      // In relaxed mode as well: what is archived must not be lost from the log afterwards.
      store.sync();
      HeadRow head = HeadRow.read(then).orElseThrow();
      long first = next(then, logId, head);
      if (first <= upTo) {
        SegmentContent content = new SegmentContent(then, catalogue, first, upTo);
        Segment segment = SegmentFile.write(directory, content.header(logId, head), content);
        LOG.info("Events {} to {} are archived in {}", first, upTo, segment);
      }
      failure = Optional.empty();
    } catch (IOException e) {
      throw failed(describe(e), Kind.UNAVAILABLE, e);
    } catch (RuntimeFailure e) {
      throw failed(e.getMessage(), e.kind(), e);
    }
  }

  /**
   * Repeats in the archive what was redacted in the log since. The segments that hold the event, or
   * what came of it, are replaced one by one; that with the event is the last, so a crash in
   * between is made good by the same again.
   *
   * @param room a directory to unpack segments in
   */
  void redact(MetadataStore store, String logId, Path room) {
    List<LogEvent.Redacted> pending = new ArrayList<>();
    try (Scan scan = store.scanPrefix(ColumnFamily.META, Keys.ARCHIVED_REDACTIONS)) {
      while (scan.next()) {
        pending.add(EventJson.read(scan.value(), LogEvent.Redacted.class));
      }
    }
    for (LogEvent.Redacted redaction : pending) {
      try {
        redact(redaction, logId, room);
      } catch (IOException e) {
        throw failed(describe(e), Kind.UNAVAILABLE, e);
      } catch (RuntimeFailure e) {
        throw failed(e.getMessage(), e.kind(), e);
      }
      try (Batch batch = store.newBatch()) {
        batch.delete(ColumnFamily.META, Keys.archivedRedaction(redaction.sequence()));
        store.write(batch, true);
      }
    }
  }

  private void redact(LogEvent.Redacted redaction, String logId, Path room) throws IOException {
    List<Segment> segments = from(redaction.sequence(), logId);
    if (segments.isEmpty() || segments.get(0).first() > redaction.sequence()) {
      return;
    }
    try (SegmentStore unpacked =
        SegmentStore.unpack(segments, Files.createTempDirectory(room, LogDirectory.UNPACKED))) {
      if (isRedacted(unpacked.store(), redaction.sequence())) {
        return;
      }
      Redactor redactor = new Redactor(unpacked.store(), catalogue, redaction);
      redactor.replay(unpacked.store(), segments.get(segments.size() - 1).last());
      for (int i = segments.size() - 1; i >= 0; i--) {
        rewrite(segments.get(i), redactor);
      }
      LOG.info("Event {} is redacted in {} segments", redaction.sequence(), segments.size());
    }
  }

  private static boolean isRedacted(StoreReader store, long sequence) {
    return store
        .get(ColumnFamily.EVENTS, Bytes.u64(sequence))
        .map(frame -> Frame.decode(frame).payload().isEmpty())
        .orElse(true);
  }

  private void rewrite(Segment segment, Redactor redactor) throws IOException {
    LogEvent.Redacted redaction = redactor.event();
    SegmentFile.write(
        directory,
        segment.header(),
        rows -> {
          SegmentFile.read(
              segment,
              (family, key, value) ->
                  rows.row(family, key, redactor.rewritten(family, key, value)));
          if (segment.first() <= redaction.sequence()) {
            rows.row(
                ColumnFamily.META,
                Keys.substitute(redaction.sequence()),
                Keys.utf8(redaction.substitute()));
          }
        });
  }

  /** The segments from the one on that has this event, or from the next one on. */
  private List<Segment> from(long sequence, String logId) throws IOException {
    List<Path> wanted =
        files(logId).stream()
            .filter(file -> Segment.lastOf(file, logId).orElseThrow() >= sequence)
            .toList();
    return wanted.isEmpty() ? List.of() : ArchivedLog.inOrder(wanted, Optional.of(logId));
  }

  /**
   * Unpacks what is archived from this event on, to be closed by the caller. GONE when the event is
   * not archived.
   */
  SegmentStore unpack(long sequence, String logId, Path room) {
    try {
      List<Segment> segments = from(sequence, logId);
      if (segments.isEmpty() || segments.get(0).first() > sequence) {
        throw new RuntimeFailure(
            Kind.GONE, "The event " + sequence + " is neither in the log nor in " + directory);
      }
      return SegmentStore.unpack(segments, Files.createTempDirectory(room, LogDirectory.UNPACKED));
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE, "The archive " + directory + " cannot be read: " + describe(e), e);
    }
  }

  private RuntimeFailure failed(String reason, Kind kind, Exception cause) {
    failure = Optional.of(reason);
    return new RuntimeFailure(
        kind, "The oldest events cannot be archived in " + directory + ": " + reason, cause);
  }

  private static String describe(IOException e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file or directory";
    }
    return e instanceof FileSystemException ? e.toString() : String.valueOf(e.getMessage());
  }

  /** The first sequence that is not archived. */
  private long next(StoreSnapshot store, String logId, HeadRow head) throws IOException {
    for (Path file : files(logId)) {
      Segment segment = SegmentFile.open(file);
      if (segment.last() < head.oldest() - 1) {
        return head.oldest();
      }
      if (isOf(segment, store, head)) {
        return segment.last() + 1;
      }
      setAside(file);
    }
    return head.oldest();
  }

  /** Whether the log has gone on after the last event of the segment, and not after another. */
  private static boolean isOf(Segment segment, StoreSnapshot store, HeadRow head) {
    byte[] hash = HexFormat.of().parseHex(segment.header().hash());
    return segment.last() <= head.sequence()
        && new LogReader(store, null)
            .anchor(segment.last())
            .map(known -> Arrays.equals(known, hash))
            .orElse(true);
  }

  /** The log lost events that had been archived, and others have their sequences now. */
  private static void setAside(Path file) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + DIVERGED);
    Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    LOG.warn(
        "The segment {} ends with an event that this log does not have; it is {} now", file, aside);
  }

  /** The newest first. */
  private List<Path> files(String logId) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(file -> Segment.lastOf(file, logId).isPresent()).forEach(found::add);
    }
    found.sort(
        Comparator.comparing((Path file) -> Segment.lastOf(file, logId).orElseThrow()).reversed());
    return found;
  }

  /** Removes what a crash left half-written. */
  void clean(String logId) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(logId + "-") && name.endsWith(SegmentFile.PART)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("The archive of the event log cannot be used: {}", describe(e));
      failure = Optional.of(describe(e));
    }
  }
}
