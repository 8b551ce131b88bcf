package dev.taffrail.network.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Writes the answers that are ours. RFC 1035, section 4.1. */
final class Replies {
  /** Seconds, as Docker's. */
  static final int TTL = 600;

  /** What any client takes by UDP. */
  static final int MIN_UDP = 512;

  static final int MAX_MESSAGE = 0xffff;

  /** What fits behind the headers of IPv4 and UDP. */
  private static final int MAX_UDP = MAX_MESSAGE - 28;

  /** What we take by UDP. */
  static final int RECEIVED_UDP = 4096;

  private static final int ANSWER_COUNT = 6;
  private static final int ADDITIONAL_COUNT = 10;

  /** RFC 1035, section 4.1.4: the name is the one at offset 12, that of the question. */
  private static final short NAME_OF_QUESTION = (short) (0xc000 | Query.HEADER_SIZE);

  private static final int RECORD_SIZE = 12;
  private static final int OPT_SIZE = 11;

  /** RFC 3225: goes back as it came. */
  private static final int DNSSEC_OK = 0x8000;

  private static final int CODE_SHIFT = 24;
  private static final int MAX_LABEL = 63;
  private static final int MAX_NAME = 255;

  private Replies() {}

  /**
   * Success, with {@code data} of records of {@code type}; what does not fit is left out, and the
   * client told so.
   */
  static byte[] success(Query query, DnsRecordType type, List<byte[]> data, boolean stream) {
    int limit = stream ? MAX_MESSAGE : Math.min(MAX_UDP, Math.max(MIN_UDP, query.udpSize()));
    int size = data.stream().mapToInt(record -> RECORD_SIZE + record.length).sum();
    ByteBuffer reply = begin(query, Query.RECURSION_AVAILABLE, Math.min(limit, size + MIN_UDP));
    int room = limit - (query.edns().isPresent() ? OPT_SIZE : 0);
    int count = 0;
    for (byte[] record : data) {
      if (reply.position() + RECORD_SIZE + record.length > room) {
        reply.putShort(2, (short) (reply.getShort(2) | Query.TRUNCATED));
        break;
      }
      reply.putShort(NAME_OF_QUESTION);
      reply.putShort((short) type.intValue()).putShort((short) Query.CLASS_IN).putInt(TTL);
      reply.putShort((short) record.length).put(record);
      count++;
    }
    reply.putShort(ANSWER_COUNT, (short) count);
    return end(query, reply, 0);
  }

  /** A failure, as of somebody who does not recurse. */
  static byte[] failure(Query query, DnsResponseCode code) {
    ByteBuffer reply = begin(query, code.intValue() & Query.RCODE, MIN_UDP);
    return end(query, reply, code.intValue() >> 4);
  }

  /** To a packet of which nothing can be trusted but its header. */
  static byte[] malformed(byte[] packet, DnsResponseCode code) {
    int kept = Query.flags(packet) & (Query.OPCODE | Query.RECURSION_DESIRED);
    return ByteBuffer.allocate(Query.HEADER_SIZE)
        .putShort((short) Query.id(packet))
        .putShort((short) (Query.RESPONSE | kept | code.intValue()))
        .array();
  }

  private static ByteBuffer begin(Query query, int flags, int limit) {
    int kept = Query.flags(query.packet()) & (Query.RECURSION_DESIRED | Query.CHECKING_DISABLED);
    ByteBuffer reply = ByteBuffer.allocate(limit);
    reply.putShort((short) Query.id(query.packet()));
    reply.putShort((short) (Query.RESPONSE | kept | flags));
    return reply.putShort((short) 1).position(Query.HEADER_SIZE).put(query.question());
  }

  private static byte[] end(Query query, ByteBuffer reply, int extendedCode) {
    OptionalInt edns = query.edns();
    if (edns.isPresent()) {
      // RFC 6891, section 6.1.1: who gets an OPT record answers with one.
      reply.put((byte) 0).putShort((short) DnsRecordType.OPT.intValue());
      reply.putShort((short) RECEIVED_UDP);
      reply
          .putInt((extendedCode << CODE_SHIFT) | (edns.getAsInt() & DNSSEC_OK))
          .putShort((short) 0);
      reply.putShort(ADDITIONAL_COUNT, (short) 1);
    }
    byte[] bytes = new byte[reply.position()];
    reply.flip().get(bytes);
    return bytes;
  }

  /** A name as data of a record; empty for one that the protocol cannot say. */
  static Optional<byte[]> encodeName(String name) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    for (String label : name.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
      if (bytes.length == 0 || bytes.length > MAX_LABEL) {
        return Optional.empty();
      }
      encoded.write(bytes.length);
      encoded.writeBytes(bytes);
    }
    encoded.write(0);
    return encoded.size() > MAX_NAME ? Optional.empty() : Optional.of(encoded.toByteArray());
  }
}
