package dev.taffrail.snapshotter.diff;

import com.github.luben.zstd.ZstdInputStream;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The uncompressed bytes of a layer. It counts them against the limits and computes their digest on
 * the way.
 */
final class LayerStream extends FilterInputStream {
  private static final int BUFFER = 1 << 16;
  private static final int MAGIC = 4;

  /** Bytes; tar(5). */
  private static final int RECORD = 512;

  private final LayerLimits limits;
  private final MessageDigest digest;
  private long bytes;
  private long headerStart;
  private long headerEnd = Long.MAX_VALUE;

  private LayerStream(InputStream uncompressed, LayerLimits limits) {
    super(uncompressed);
    this.limits = limits;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** Tells the compression by the first bytes. */
  static LayerStream open(InputStream layer, LayerLimits limits) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(layer, BUFFER);
    buffered.mark(MAGIC);
    byte[] magic = buffered.readNBytes(MAGIC);
    buffered.reset();
    return new LayerStream(uncompress(buffered, magic), limits);
  }

  private static InputStream uncompress(InputStream in, byte[] magic) throws IOException {
    if (startsWith(magic, 0x1f, 0x8b)) {
      // Members may follow each other: RFC 1952, 2.2.
      return new BufferedInputStream(
          GzipCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get(),
          BUFFER);
    }
    if (startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new BufferedInputStream(new ZstdInputStream(in).setContinuous(false), BUFFER);
    }
    return in;
  }

  private static boolean startsWith(byte[] magic, int... expected) {
    if (magic.length < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((magic[i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** What is read from now on until {@link #headerRead} is the header of one entry. */
  void expectHeader() {
    headerStart = bytes;
    headerEnd = bytes + LayerLimits.HEADER_BYTES;
  }

  /** Whether the stream has ended within the first record of the header that was expected. */
  boolean isInsideRecord() {
    return bytes > headerStart && bytes < headerStart + RECORD;
  }

  void headerRead() {
    headerEnd = Long.MAX_VALUE;
  }

  /** Reads to the end, since the digest covers what follows the archive's end as well. */
  Digest drain() throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (read(buffer, 0, buffer.length) >= 0) {
      // Only counted and digested.
    }
    return new Digest("sha256", HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = in.read(target, offset, length);
    if (count > 0) {
      digest.update(target, offset, count);
      bytes += count;
      check();
    }
    return count;
  }

  private void check() {
    if (bytes > limits.bytes()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "The layer has more than " + limits.bytes() + " bytes uncompressed (max-layer-bytes)");
    }
    if (bytes > headerEnd) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "An entry of the layer has a header of more than " + LayerLimits.HEADER_BYTES + " bytes");
    }
  }

  @Override
  public long skip(long n) throws IOException {
    byte[] buffer = new byte[(int) Math.min(n, BUFFER)];
    int count = n <= 0 ? 0 : read(buffer, 0, buffer.length);
    return Math.max(0, count);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
