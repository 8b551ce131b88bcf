package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.metadata.ColumnFamily;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The bytes of a {@link Segment}: magic, header as JSON with its length, a gzip stream of rows, and
 * the SHA-256 of all that. A file has its name only once it is whole and on disk.
 */
final class SegmentFile {
  static final String PART = ".part";

  private static final byte[] MAGIC = "taffarc1".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_HEADER = 1 << 16;
  private static final int MAX_ROW = 1 << 30;
  private static final int BUFFER = 1 << 16;
  private static final byte END = 0;
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  /** As the log's own directory: events tell of environments and command lines. */
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** What each family is written as; a file with any other is of a later release. */
  private static final ColumnFamily[] FAMILIES = {
    null, ColumnFamily.EVENTS, ColumnFamily.HISTORY, ColumnFamily.BEACONS, ColumnFamily.META
  };

  private SegmentFile() {}

  /** Takes or gets rows as a store has them. */
  interface Rows {
    void row(ColumnFamily family, byte[] key, byte[] value) throws IOException;
  }

  /** Gives all rows of a segment away. */
  interface Content {
    void to(Rows rows) throws IOException;
  }

  /** Writes a segment, or replaces the one with the same name; it is on disk afterwards. */
  static Segment write(Path directory, Segment.Header header, Content content) throws IOException {
    Path file = directory.resolve(header.fileName());
    Path part = directory.resolve(header.fileName() + PART);
    Files.deleteIfExists(part);
    try (FileChannel channel = FileChannel.open(part, NEW, PRIVATE)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
      MessageDigest digest = Hashes.sha256();
      DigestOutputStream hashed = new DigestOutputStream(out, digest);
      writeHeader(new DataOutputStream(hashed), header);
      GZIPOutputStream packed = new QuickGzip(hashed);
      writeRows(new DataOutputStream(new BufferedOutputStream(packed, BUFFER)), content);
      packed.finish();
      out.write(digest.digest());
      out.flush();
      channel.force(true);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(part);
      throw e;
    }
    LogDirectory.sync(directory);
    return new Segment(file, header);
  }

  private static void writeHeader(DataOutputStream out, Segment.Header header) throws IOException {
    out.write(MAGIC);
    byte[] json = EventJson.write(header);
    out.writeInt(json.length);
    out.write(json);
    out.flush();
  }

  private static void writeRows(DataOutputStream out, Content content) throws IOException {
    content.to(
        (family, key, value) -> {
          out.writeByte(Arrays.asList(FAMILIES).indexOf(family));
          out.writeInt(key.length);
          out.write(key);
          out.writeInt(value.length);
          out.write(value);
        });
    out.writeByte(END);
    out.flush();
  }

  /** A disk that fills up must not wait for the best compression. */
  private static final class QuickGzip extends GZIPOutputStream {
    QuickGzip(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /**
   * Reads what a segment says of itself. NOT_FOUND, PERMISSION_DENIED, DATA_LOSS when it is not a
   * segment, UNIMPLEMENTED when a later release wrote it.
   */
  static Segment open(Path file) {
    return reading(
        file,
        () -> {
          try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            return new Segment(file, readHeader(file, in));
          }
        });
  }

  /** Reads all rows, of a file that is whole to the last bit; DATA_LOSS otherwise. */
  static void read(Segment segment, Rows rows) {
    Path file = segment.file();
    reading(
        file,
        () -> {
          long end = checkDigest(file);
          try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            Head head = new Head(in, end);
            if (!readHeader(file, new DataInputStream(head)).equals(segment.header())) {
              throw damaged(file, "it was replaced meanwhile");
            }
            readRows(
                file,
                new DataInputStream(
                    new BufferedInputStream(new GZIPInputStream(head, BUFFER), BUFFER)),
                rows);
          }
          return null;
        });
  }

  private static Segment.Header readHeader(Path file, DataInputStream in) throws IOException {
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw damaged(file, "it is not an archived segment of a log");
    }
    int length = in.readInt();
    if (length < 0 || length > MAX_HEADER) {
      throw damaged(file, "its header has the length " + Integer.toUnsignedString(length));
    }
    byte[] json = in.readNBytes(length);
    int version;
    try {
      version = EventJson.mapper().readTree(json).path("version").asInt();
      if (version == Segment.Header.VERSION) {
        return EventJson.read(json, Segment.Header.class);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, "its header cannot be read: " + e.getMessage());
    }
    throw new RuntimeFailure(
        Kind.UNIMPLEMENTED,
        "The segment " + file + " has the version " + version + ", which this release cannot read");
  }

  private static void readRows(Path file, DataInputStream in, Rows rows) throws IOException {
    int family = in.readUnsignedByte();
    while (family != END) {
      if (family >= FAMILIES.length) {
        throw damaged(file, "it has a row of the family " + family);
      }
      byte[] key = part(file, in);
      rows.row(FAMILIES[family], key, part(file, in));
      family = in.readUnsignedByte();
    }
  }

  private static byte[] part(Path file, DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_ROW) {
      throw damaged(file, "a row has the length " + Integer.toUnsignedString(length));
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  /** Returns where the digest begins. */
  private static long checkDigest(Path file) throws IOException {
    long end = Files.size(file) - Hashes.LENGTH;
    MessageDigest digest = Hashes.sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      long left = end;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException();
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      if (end < 0 || !Arrays.equals(digest.digest(), in.readNBytes(Hashes.LENGTH))) {
        throw damaged(file, "its checksum does not match");
      }
    }
    return end;
  }

  private static <T> T reading(Path file, Reading<T> reading) {
    try {
      return reading.run();
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "There is no segment " + file, e);
    } catch (AccessDeniedException e) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED, "Cannot read the segment " + file + ": permission denied", e);
    } catch (EOFException e) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS, "The segment " + file + " is damaged: it ends too early", e);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE, "Cannot read the segment " + file + ": " + e.getMessage(), e);
    }
  }

  private static RuntimeFailure damaged(Path file, String finding) {
    return new RuntimeFailure(Kind.DATA_LOSS, "The segment " + file + " is damaged: " + finding);
  }

  /** Work on a file. */
  private interface Reading<T> {
    T run() throws IOException;
  }

  /** The first bytes of a stream; what unpacks it would otherwise look beyond. */
  private static final class Head extends FilterInputStream {
    private long left;

    Head(InputStream in, long length) {
      super(in);
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      int read = left <= 0 ? -1 : in.read();
      left -= read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = in.read(target, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(left, in.available());
    }
  }
}
