package dev.taffrail.core.content;

import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The one writer of an ingest. Every method but {@link #commit} blocks and belongs on a worker
 * thread.
 */
public interface IngestWriter extends AutoCloseable {
  IngestStatus status();

  /** Writes all of {@code bytes} at the current offset. */
  void write(ByteBuffer bytes);

  /** Starts again from nothing. */
  void truncate();

  /**
   * Verifies, syncs and publishes the blob, and closes the writer in any case. FAILED_PRECONDITION
   * when the size or digest differs (the ingest stays); ALREADY_EXISTS when the blob is there (the
   * ingest goes).
   */
  Future<BlobInfo> commit(OptionalLong size, Optional<Digest> expected);

  /** Keeps what is written for a later writer with the same reference. Idempotent. */
  @Override
  void close();
}
