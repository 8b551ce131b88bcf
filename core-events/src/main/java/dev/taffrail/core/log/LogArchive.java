package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.MetadataStore;
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
