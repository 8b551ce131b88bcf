package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.metadata.StoreReader;
import dev.taffrail.core.metadata.StoreSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Archived segments that follow each other, as one log; with the log of a stopped daemon behind
 * them as one log that was never truncated. For as long as it is open, the rows are unpacked in a
 * directory for temporary files. What was archived is only read.
 */
public final class ArchivedLog extends StoredLog implements AutoCloseable {
  private final SegmentStore unpacked;
  private final Optional<StoppedLog> rest;
  private final Source source;
  private final HeadRow head;
  private final LogInfo info;
  private volatile boolean closed;

  /** Of a joined log a store is a snapshot that stays open; nothing in it changes. */
  private record Source(
      StoreReader store,
      Optional<StoppedLog> rest,
      SegmentStore unpacked,
      Epochs epochs,
      long oldest)
      implements LogSource {
    @Override
    public StoreSnapshot snapshot() {
      return rest.<StoreSnapshot>map(
              log -> new JoinedStore(unpacked.store().snapshot(), log.source().snapshot()))
          .orElseGet(() -> unpacked.store().snapshot());
    }
  }

  private ArchivedLog(EventCatalogue catalogue, SegmentStore unpacked, Optional<StoppedLog> rest) {
    super(catalogue);
    this.unpacked = unpacked;
    this.rest = rest;
    StoreReader store =
        rest.<StoreReader>map(
                log -> new JoinedStore(unpacked.store().snapshot(), log.source().snapshot()))
            .orElse(unpacked.store());
    this.head = HeadRow.read(store).orElseThrow();
    Epochs epochs = Epochs.of(new RowsView(new StoreRows(store), head.sequence()));
    this.source = new Source(store, rest, unpacked, epochs, head.oldest());
    this.info =
        new LogInfo(
            unpacked.logId(),
            rest.map(log -> log.info().mode()).orElse(LogMode.DURABLE),
            head.cursor(),
            head.oldest(),
            head.hash(),
            epochs.lastSalvage());
  }

  /**
   * Opens segments, and a stopped log when {@code logDirectory} is given. NOT_FOUND when there are
   * none of one log, PERMISSION_DENIED, DATA_LOSS when a file is damaged, UNIMPLEMENTED when a
   * later release wrote one, FAILED_PRECONDITION when they do not follow each other or are of
   * several logs; otherwise as {@link StoppedLog#open} says.
   *
   * @param archives files, and directories whose segments are all taken
   */
  public static ArchivedLog open(
      List<Path> archives, Optional<Path> logDirectory, EventCatalogue families) {
    EventCatalogue catalogue = EventLogs.withOwn(families);
    Optional<StoppedLog> rest =
        logDirectory.map(directory -> StoppedLog.open(directory, catalogue));
    SegmentStore unpacked = null;
    try {
      List<Segment> segments = inOrder(archives, rest.map(log -> log.info().logId()));
      rest.ifPresent(log -> checkContinues(segments.get(segments.size() - 1), log));
      unpacked = SegmentStore.unpack(segments, temporary());
      return new ArchivedLog(catalogue, unpacked, rest);
    } catch (RuntimeException e) {
      if (unpacked != null) {
        unpacked.close();
      }
      rest.ifPresent(StoppedLog::close);
      throw e;
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("taffrail-archive-" + ProcessHandle.current().pid() + "-");
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot make a directory to unpack segments in: " + e.getMessage(), e);
    }
  }

  /** The segments of one log, each of which begins where the one before it ends. */
  static List<Segment> inOrder(List<Path> archives, Optional<String> logId) {
    List<Segment> found = new ArrayList<>();
    for (Path file : files(archives)) {
      Segment segment = SegmentFile.open(file);
      if (logId.isEmpty() || logId.get().equals(segment.header().logId())) {
        found.add(segment);
      }
    }
    if (found.isEmpty()) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND,
          "There is no segment of "
              + logId.map(id -> "the log " + id).orElse("a log")
              + " in "
              + archives);
    }
    Set<String> logs = new TreeSet<>();
    found.forEach(segment -> logs.add(segment.header().logId()));
    if (logs.size() > 1) {
      throw cannotJoin(archives + " has segments of several logs, name files of one: " + logs);
    }
    found.sort(Comparator.comparingLong(Segment::first));
    for (int i = 1; i < found.size(); i++) {
      long expected = found.get(i - 1).last() + 1;
      if (found.get(i).first() != expected) {
        throw cannotJoin(
            found.get(i)
                + " begins with event "
                + found.get(i).first()
                + ", where "
                + expected
                + " should follow "
                + found.get(i - 1)
                + "; name files that follow each other");
      }
    }
    return found;
  }

  private static Set<Path> files(List<Path> archives) {
    Set<Path> files = new TreeSet<>();
    for (Path archive : archives) {
      if (!Files.isDirectory(archive)) {
        files.add(archive);
        continue;
      }
      try (Stream<Path> list = Files.list(archive)) {
        list.filter(file -> file.getFileName().toString().endsWith(Segment.SUFFIX))
            .forEach(files::add);
      } catch (IOException e) {
        throw new RuntimeFailure(
            Kind.PERMISSION_DENIED,
            "Cannot list the archive " + archive + ": " + e.getMessage(),
            e);
      }
    }
    return files;
  }

  private static RuntimeFailure cannotJoin(String reason) {
    return new RuntimeFailure(Kind.FAILED_PRECONDITION, reason);
  }

  private static void checkContinues(Segment last, StoppedLog log) {
    long oldest = log.info().oldest();
    if (last.last() < oldest - 1) {
      throw cannotJoin(
          "The segments end with event "
              + last.last()
              + ", and the log begins with "
              + oldest
              + "; what lies between is missing");
    }
    Optional<byte[]> known =
        last.last() > log.head().sequence()
            ? Optional.empty()
            : log.source().reader().anchor(last.last());
    boolean same =
        known
            .map(hash -> Arrays.equals(hash, HexFormat.of().parseHex(last.header().hash())))
            .orElse(last.last() <= log.head().sequence());
    if (!same) {
      throw cannotJoin(
          last + " ends with an event " + last.last() + " that is not the one of the log");
    }
  }

  @Override
  LogSource source() {
    if (closed) {
      throw new RuntimeFailure(Kind.UNAVAILABLE, "The archived log is closed");
    }
    return source;
  }

  @Override
  public Cursor head() {
    return head.cursor();
  }

  @Override
  public LogInfo info() {
    return info;
  }

  /** Removes what was unpacked. Idempotent. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (source.store() instanceof StoreSnapshot joined) {
      joined.close();
    }
    rest.ifPresent(StoppedLog::close);
    unpacked.close();
  }
}
