package dev.taffrail.core.log;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keys of the families {@code index} and {@code meta}; the others are simple enough. */
final class Keys {
  private static final byte BY_SUBJECT = 1;
  private static final byte BY_TYPE = 2;
  private static final byte BY_CORRELATION = 3;
  private static final byte BY_CAUSE = 4;
  private static final byte BY_TIME = 5;

  static final byte[] LOG_ID = utf8("log-id");
  static final byte[] FORMAT = utf8("format");
  static final byte[] HEAD = utf8("head");
  static final byte[] SALVAGE = utf8("salvage");

  /** What the rows that count the events of subjects begin with. */
  static final byte[] SUBJECT_COUNTERS = utf8("subject\0");

  static final byte[] APPLIERS = utf8("appliers");
  static final byte[] REBUILD = utf8("rebuild");
  static final byte[] REBUILT = utf8("rebuilt");
  static final byte[] SCRUB = utf8("scrub");
  static final byte[] ARCHIVED_REDACTIONS = utf8("archived-redaction\0");
  static final byte[] SUBSTITUTES = utf8("substitute\0");
  static final byte[] TRIMMED = utf8("trimmed");

  private Keys() {}

  /** The index rows of an event; their values are empty. */
  static List<byte[]> index(EventHeader header) {
    byte[] sequence = Bytes.u64(header.sequence());
    List<byte[]> keys = new ArrayList<>(5);
    keys.add(Bytes.concat(bySubject(header.subject()), sequence));
    keys.add(key(BY_TYPE, utf8(header.type() + '\0'), sequence));
    keys.add(Bytes.concat(byCorrelation(header.correlationId()), sequence));
    if (header.cause().isPresent()) {
      keys.add(Bytes.concat(byCause(header.cause().getAsLong()), sequence));
    }
    keys.add(byTime(header.time(), header.sequence()));
    return keys;
  }

  /** What the index rows of a subject's events start with; a sequence follows. */
  static byte[] bySubject(Subject subject) {
    return key(BY_SUBJECT, text(subject), Bytes.EMPTY);
  }

  /** What the index rows of all subjects whose ids start so start with. */
  static byte[] bySubjects(String namespace, String type, String idPrefix) {
    return key(BY_SUBJECT, utf8(namespace + '\0' + type + '\0' + idPrefix), Bytes.EMPTY);
  }

  /** The subject of an index row that {@link #bySubjects} finds. */
  static Subject subjectOf(byte[] key) {
    RowKey parts = RowKey.parse(Arrays.copyOfRange(key, 1, key.length));
    return new Subject(parts.table(), parts.namespace(), parts.id());
  }

  /** What the index rows of a correlation's events start with; a sequence follows. */
  static byte[] byCorrelation(String correlationId) {
    return key(BY_CORRELATION, utf8(correlationId + '\0'), Bytes.EMPTY);
  }

  /** What the index rows of an event's effects start with; a sequence follows. */
  static byte[] byCause(long cause) {
    return key(BY_CAUSE, Bytes.u64(cause), Bytes.EMPTY);
  }

  /** The index row of an event written at {@code time}; these are ordered as the events are. */
  static byte[] byTime(Instant time, long sequence) {
    return key(BY_TIME, Bytes.u64(nanos(time)), Bytes.u64(sequence));
  }

  /** What the index rows of a type begin with. */
  static byte[] byType(String type) {
    return key(BY_TYPE, utf8(type + '\0'), Bytes.EMPTY);
  }

  /** The meta row that counts the events of a subject; it survives truncation. */
  static byte[] subjectCounter(Subject subject) {
    return Bytes.concat(SUBJECT_COUNTERS, text(subject));
  }

  /** The meta row with what stands in for the payload of a redacted event; archives have it. */
  static byte[] substitute(long sequence) {
    return Bytes.concat(SUBSTITUTES, Bytes.u64(sequence));
  }

  /** The meta row that says that archived copies of an event are to be redacted too. */
  static byte[] archivedRedaction(long sequence) {
    return Bytes.concat(ARCHIVED_REDACTIONS, Bytes.u64(sequence));
  }

  static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] text(Subject subject) {
    return utf8(subject.namespace() + '\0' + subject.type() + '\0' + subject.id() + '\0');
  }

  private static byte[] key(byte prefix, byte[] value, byte[] sequence) {
    return Bytes.concat(new byte[] {prefix}, value, sequence);
  }
}
