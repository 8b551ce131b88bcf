package dev.taffrail.content;

import dev.taffrail.core.content.BlobReader;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** An open blob. */
record FileReader(FileChannel channel, long size) implements BlobReader {
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Disk.failure("close a blob", e);
    }
  }
}
