package dev.taffrail.core.content;

import java.nio.channels.FileChannel;

/**
 * An open blob; reading blocks. The blob may be deleted meanwhile without disturbing the reader.
 */
public interface BlobReader extends AutoCloseable {
  long size();

  FileChannel channel();

  @Override
  void close();
}
