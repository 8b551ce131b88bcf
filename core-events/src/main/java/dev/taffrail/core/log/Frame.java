package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * An event as stored: a version byte, then parts that each have their length (u32 big-endian)
 * before them: flags, previous hash, header, salt, payload, hash, CRC-32C of all that precedes it.
 * A redacted frame has the commitment in the place of salt and payload. {@code docs/log-format.md}.
 */
final class Frame {
  static final int MAX_PAYLOAD = 1 << 20;
  static final int SALT_LENGTH = 16;
  private static final byte VERSION = 1;
  private static final byte REDACTED = 1;

  /** Of all but the header and what is hashed with it, lengths included. */
  private static final int FIXED_SIZE = 1 + 6 * Integer.BYTES + 1 + 2 * Hashes.LENGTH + 4;

  private final byte[] previousHash;
  private final byte[] header;
  private final byte[] salt;
  private final byte[] payload;
  private final byte[] commitment;
  private final byte[] hash;

  private Frame(
      byte[] previousHash,
      byte[] header,
      byte[] salt,
      byte[] payload,
      byte[] commitment,
      byte[] hash) {
    this.previousHash = previousHash;
    this.header = header;
    this.salt = salt;
    this.payload = payload;
    this.commitment = commitment;
    this.hash = hash;
  }

  /** Chains a new event to the one before it. */
  static Frame of(byte[] previousHash, byte[] header, byte[] salt, byte[] payload) {
    byte[] commitment = Hashes.commitment(salt, payload);
    return new Frame(
        previousHash,
        header,
        salt,
        payload,
        commitment,
        Hashes.event(previousHash, header, commitment));
  }

  /** The same without its payload; the chain still verifies. */
  Frame redacted() {
    byte[] kept = payload == null ? commitment : Hashes.commitment(salt, payload);
    return new Frame(previousHash, header, null, null, kept, hash);
  }

  byte[] previousHash() {
    return previousHash;
  }

  byte[] header() {
    return header;
  }

  byte[] hash() {
    return hash;
  }

  /** Empty when redacted. */
  Optional<byte[]> payload() {
    return Optional.ofNullable(payload);
  }

  /** About how many bytes it takes as stored. */
  int size() {
    return FIXED_SIZE + header.length + (payload == null ? 0 : payload.length);
  }

  /** Whether the stored hash is that of the header and the payload. */
  boolean hashHolds() {
    byte[] covered = payload == null ? commitment : Hashes.commitment(salt, payload);
    return Arrays.equals(hash, Hashes.event(previousHash, header, covered));
  }

  LoggedEvent toLogged() {
    HexFormat hex = HexFormat.of();
    return new LoggedEvent(
        HeaderCodec.read(header),
        payload().map(json -> new String(json, StandardCharsets.UTF_8)),
        hex.formatHex(hash),
        hex.formatHex(previousHash));
  }

  byte[] encode() {
    byte[] first = payload == null ? commitment : salt;
    int size = FIXED_SIZE + header.length + first.length;
    if (payload != null) {
      size += Integer.BYTES + payload.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put(VERSION);
    part(out, new byte[] {payload == null ? REDACTED : 0});
    part(out, previousHash);
    part(out, header);
    part(out, first);
    if (payload != null) {
      part(out, payload);
    }
    part(out, hash);
    out.putInt(Integer.BYTES);
    out.putInt(crc(out.array(), out.position()));
    return out.array();
  }

  private static void part(ByteBuffer out, byte[] bytes) {
    out.putInt(bytes.length).put(bytes);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** DATA_LOSS when the bytes are not a whole frame; UNIMPLEMENTED for a later frame version. */
  static Frame decode(byte[] bytes) {
    Parts parts = new Parts(bytes);
    if (parts.version() != VERSION) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Event frame of version " + parts.version() + ", not " + VERSION);
    }
    boolean redacted = parts.next(1)[0] == REDACTED;
    byte[] previousHash = parts.next(Hashes.LENGTH);
    byte[] header = parts.next(-1);
    byte[] salt = redacted ? null : parts.next(SALT_LENGTH);
    byte[] payload = redacted ? null : parts.next(-1);
    byte[] commitment = redacted ? parts.next(Hashes.LENGTH) : null;
    byte[] hash = parts.next(Hashes.LENGTH);
    int covered = parts.offset + Integer.BYTES;
    if (Hashes.u32(parts.next(Integer.BYTES), 0) != crc(bytes, covered)) {
      throw damaged("its CRC does not match");
    }
    if (parts.offset != bytes.length) {
      throw damaged((bytes.length - parts.offset) + " bytes follow its end");
    }
    return new Frame(previousHash, header, salt, payload, commitment, hash);
  }

  private static RuntimeFailure damaged(String finding) {
    return new RuntimeFailure(Kind.DATA_LOSS, "Damaged event frame: " + finding);
  }

  /** Takes a frame apart. */
  private static final class Parts {
    private final byte[] bytes;
    private int offset = 1;

    Parts(byte[] bytes) {
      this.bytes = bytes;
    }

    byte version() {
      if (bytes.length == 0) {
        throw damaged("it is empty");
      }
      return bytes[0];
    }

    /** The next part; any length will do when {@code expected} is negative. */
    byte[] next(int expected) {
      if (bytes.length - offset < Integer.BYTES) {
        throw damaged("it ends within a length");
      }
      int length = Hashes.u32(bytes, offset);
      offset += Integer.BYTES;
      if (length < 0 || length > bytes.length - offset || (expected >= 0 && length != expected)) {
        throw damaged("a part has the length " + Integer.toUnsignedString(length));
      }
      byte[] part = Arrays.copyOfRange(bytes, offset, offset + length);
      offset += length;
      return part;
    }
  }
}
