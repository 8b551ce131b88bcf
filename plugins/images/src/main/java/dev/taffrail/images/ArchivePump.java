package dev.taffrail.images;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Writes a stream into an ingest, one buffer at a time, and tells what it was. */
final class ArchivePump {
  private final Store store;
  private final IngestWriter writer;
  private final MessageDigest sha256;
  private final byte[] head = new byte[6];
  private long written;

  /**
   * What was written.
   *
   * @param mediaType by its first bytes
   */
  record Archive(Digest digest, long size, String mediaType) {}

  ArchivePump(Store store, IngestWriter writer) {
    this.store = store;
    this.writer = writer;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** INVALID_ARGUMENT when the stream breaks off or is empty; UNIMPLEMENTED names a compression. */
  Future<Archive> pump(ReadStream<Buffer> archive) {
    Promise<Void> ended = Promise.promise();
    Chain chain = new Chain(archive, ended);
    archive.exceptionHandler(
        cause ->
            ended.tryFail(
                new RuntimeFailure(
                    Kind.INVALID_ARGUMENT, "The archive broke off: " + cause.getMessage(), cause)));
    archive.endHandler(nothing -> chain.end());
    archive.handler(chain::next);
    archive.resume();
    return ended.future().map(nothing -> result());
  }

  /** Writes in the order of arrival, also what arrives although the stream is paused. */
  private final class Chain {
    private final ReadStream<Buffer> archive;
    private final Promise<Void> ended;
    private Future<Void> last = Future.succeededFuture();

    Chain(ReadStream<Buffer> archive, Promise<Void> ended) {
      this.archive = archive;
      this.ended = ended;
    }

    synchronized void next(Buffer buffer) {
      archive.pause();
      last =
          last.compose(before -> store.blocking(() -> write(buffer)))
              .onSuccess(done -> archive.resume())
              .onFailure(ended::tryFail);
    }

    synchronized void end() {
      last = last.onSuccess(done -> ended.tryComplete()).onFailure(ended::tryFail);
    }
  }

  private Void write(Buffer buffer) {
    byte[] bytes = buffer.getBytes();
    for (int i = 0; i < bytes.length && written + i < head.length; i++) {
      head[(int) written + i] = bytes[i];
    }
    sha256.update(bytes);
    writer.write(ByteBuffer.wrap(bytes));
    written += bytes.length;
    return null;
  }

  private Archive result() {
    if (written == 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "The archive is empty");
    }
    return new Archive(
        new Digest("sha256", HexFormat.of().formatHex(sha256.digest())), written, mediaType());
  }

  private String mediaType() {
    String tar = "application/vnd.oci.image.layer.v1.tar";
    if (begins(0x1f, 0x8b)) {
      return tar + "+gzip";
    }
    if (begins(0x28, 0xb5, 0x2f, 0xfd)) {
      return tar + "+zstd";
    }
    if (begins('B', 'Z', 'h')) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "archives compressed with bzip2 are not supported yet");
    }
    if (begins(0xfd, '7', 'z', 'X', 'Z', 0)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "archives compressed with xz are not supported yet");
    }
    return tar;
  }

  private boolean begins(int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
