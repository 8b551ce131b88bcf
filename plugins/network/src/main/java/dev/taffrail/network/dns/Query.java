package dev.taffrail.network.dns;

import static io.netty.handler.codec.dns.DnsResponseCode.FORMERR;
import static io.netty.handler.codec.dns.DnsResponseCode.NOTIMP;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A query as it came, with what is needed of it. RFC 1035, section 4.1: a header of 12 bytes (id,
 * flags, four counts), then questions and records.
 */
final class Query {
  static final int HEADER_SIZE = 12;
  static final int RESPONSE = 0x8000;
  static final int OPCODE = 0x7800;
  static final int TRUNCATED = 0x0200;
  static final int RECURSION_DESIRED = 0x0100;
  static final int RECURSION_AVAILABLE = 0x0080;
  static final int CHECKING_DISABLED = 0x0010;
  static final int RCODE = 0x000f;

  static final int CLASS_IN = 1;
  private static final int FLAGS = 2;
  private static final int QUESTIONS = 4;
  private static final int MAX_NAME = 255;
  private static final int MAX_LABEL = 63;
  private static final int POINTER = 0xc0;
  private static final int TYPE_AND_CLASS = 4;
  private static final int VERSION_SHIFT = 16;

  /** What no packet of a client has more of: answers, authorities, additional records. */
  private static final int[] MAX_RECORDS = {1, 1, 2};

  private final byte[] packet;
  private final int questionEnd;
  private final Optional<String> name;
  private final OptionalInt edns;
  private final int udpSize;

  private Query(
      byte[] packet, int questionEnd, Optional<String> name, OptionalInt edns, int udpSize) {
    this.packet = packet;
    this.questionEnd = questionEnd;
    this.name = name;
    this.edns = edns;
    this.udpSize = udpSize;
  }

  /** A packet that is no query; it has a header, so its sender can be told. */
  static final class Malformed extends Exception {
    private final transient DnsResponseCode code;

    Malformed(DnsResponseCode code) {
      // Whoever floods us does not get a stack trace for each packet.
      super(code.toString(), null, false, false);
      this.code = code;
    }

    DnsResponseCode code() {
      return code;
    }
  }

  /** Whether it may be answered at all: an answer to an answer might go on for ever. */
  static boolean isAnswerable(byte[] packet) {
    return packet.length >= HEADER_SIZE && (flags(packet) & RESPONSE) == 0;
  }

  /** Of a packet that {@link #isAnswerable}. One question, as every client asks it. */
  static Query parse(byte[] packet) throws Malformed {
    if ((flags(packet) & OPCODE) != 0) {
      throw new Malformed(NOTIMP);
    }
    if (unsignedShort(packet, QUESTIONS) != 1) {
      throw new Malformed(FORMERR);
    }
    try {
      return parseSections(packet);
    } catch (IndexOutOfBoundsException e) {
      throw new Malformed(FORMERR);
    }
  }

  private static Query parseSections(byte[] packet) throws Malformed {
    int nameEnd = endOfName(packet, HEADER_SIZE, false);
    int end = nameEnd + TYPE_AND_CLASS;
    requireEnd(packet, end);
    OptionalInt edns = OptionalInt.empty();
    int udpSize = 0;
    int offset = end;
    for (int section = 0; section < MAX_RECORDS.length; section++) {
      int count = unsignedShort(packet, QUESTIONS + Short.BYTES * (section + 1));
      if (count > MAX_RECORDS[section]) {
        throw new Malformed(FORMERR);
      }
      for (int i = 0; i < count; i++) {
        // Type, class, TTL, length, data. RFC 6891, section 6.1: of OPT, the class is the size
        // that the client takes, and the TTL has version and flags.
        int record = endOfName(packet, offset, true);
        boolean opt = unsignedShort(packet, record) == DnsRecordType.OPT.intValue();
        if (opt) {
          if (edns.isPresent() || record != offset + 1) {
            throw new Malformed(FORMERR);
          }
          udpSize = unsignedShort(packet, record + 2);
          edns = OptionalInt.of(ByteBuffer.wrap(packet).getInt(record + 4));
        }
        offset = record + 10 + unsignedShort(packet, record + 8);
        requireEnd(packet, offset);
      }
    }
    return new Query(packet, end, text(packet, nameEnd), edns, udpSize);
  }

  private static void requireEnd(byte[] packet, int end) throws Malformed {
    if (end > packet.length) {
      throw new Malformed(FORMERR);
    }
  }

  /** Follows no pointer, so none can lead round in a circle. */
  private static int endOfName(byte[] packet, int start, boolean pointers) throws Malformed {
    int offset = start;
    while (packet[offset] != 0) {
      int length = Byte.toUnsignedInt(packet[offset]);
      if (pointers && length >= POINTER) {
        return offset + 2;
      }
      offset += 1 + length;
      if (length > MAX_LABEL || offset - start >= MAX_NAME) {
        throw new Malformed(FORMERR);
      }
    }
    return offset + 1;
  }

  /** Empty for a name that cannot be told from another one as text, hence is none of ours. */
  private static Optional<String> text(byte[] packet, int nameEnd) {
    StringBuilder text = new StringBuilder();
    int offset = HEADER_SIZE;
    while (offset < nameEnd - 1) {
      int labelEnd = offset + 1 + packet[offset];
      if (text.length() > 0) {
        text.append('.');
      }
      for (offset++; offset < labelEnd; offset++) {
        char character = (char) packet[offset];
        if (character <= ' ' || character > '~' || character == '.' || character == '\\') {
          return Optional.empty();
        }
        text.append((char) lowerCase(packet[offset]));
      }
    }
    return Optional.of(text.toString());
  }

  /** RFC 4343: of ASCII, and of nothing else. */
  private static int lowerCase(byte character) {
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
  }

  private static int unsignedShort(byte[] packet, int offset) {
    return Byte.toUnsignedInt(packet[offset]) << Byte.SIZE | Byte.toUnsignedInt(packet[offset + 1]);
  }

  static int flags(byte[] packet) {
    return unsignedShort(packet, FLAGS);
  }

  static int id(byte[] packet) {
    return unsignedShort(packet, 0);
  }

  static byte[] withId(byte[] packet, int id) {
    byte[] copy = packet.clone();
    ByteBuffer.wrap(copy).putShort((short) id);
    return copy;
  }

  byte[] packet() {
    return packet;
  }

  /** Lower case, without a dot at the end; empty when it is not plain text. */
  Optional<String> name() {
    return name;
  }

  int type() {
    return unsignedShort(packet, questionEnd - TYPE_AND_CLASS);
  }

  boolean isInternet() {
    return unsignedShort(packet, questionEnd - 2) == CLASS_IN;
  }

  /** The question as it came. */
  ByteBuffer question() {
    return ByteBuffer.wrap(packet, HEADER_SIZE, questionEnd - HEADER_SIZE);
  }

  /** The TTL of the client's OPT record: RCODE, version, flags. */
  OptionalInt edns() {
    return edns;
  }

  int ednsVersion() {
    return (edns.orElse(0) >> VERSION_SHIFT) & 0xff;
  }

  /** Bytes that the client takes by UDP, as it says. */
  int udpSize() {
    return udpSize;
  }

  /**
   * Whether {@code answer} is one to this query, asked under {@code id}. RFC 5452, section 9.1. A
   * server that cannot read a question need not repeat it.
   */
  boolean isAnsweredBy(byte[] answer, int id) {
    if (answer.length < HEADER_SIZE
        || id(answer) != id
        || (flags(answer) & (RESPONSE | OPCODE)) != RESPONSE) {
      return false;
    }
    int questions = unsignedShort(answer, QUESTIONS);
    if (questions == 0) {
      int code = flags(answer) & RCODE;
      return code != DnsResponseCode.NOERROR.intValue()
          && code != DnsResponseCode.NXDOMAIN.intValue();
    }
    return questions == 1 && sameQuestion(answer);
  }

  private boolean sameQuestion(byte[] answer) {
    int typeAndClass = questionEnd - TYPE_AND_CLASS;
    if (answer.length < questionEnd
        || !Arrays.equals(packet, typeAndClass, questionEnd, answer, typeAndClass, questionEnd)) {
      return false;
    }
    // Lengths of labels are below any letter, so they are compared as they are.
    for (int i = HEADER_SIZE; i < typeAndClass; i++) {
      if (lowerCase(packet[i]) != lowerCase(answer[i])) {
        return false;
      }
    }
    return true;
  }
}
