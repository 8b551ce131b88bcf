package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second daemon off a data root. The kernel frees it when the process ends, however it
 * ends; the file stays.
 */
final class DataRootLock implements AutoCloseable {
  private final FileChannel channel;

  private DataRootLock(FileChannel channel) {
    this.channel = channel;
  }

  /** FAILED_PRECONDITION with the holder's pid when another daemon has it. */
  static DataRootLock acquire(Path dataRoot) {
    Path file = dataRoot.resolve("taffraild.lock");
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (!lock(channel)) {
          throw new RuntimeFailure(
              Kind.FAILED_PRECONDITION,
              "another taffraild (pid " + holder(channel) + ") works on " + dataRoot);
        }
        channel.truncate(0);
        channel.write(bytes(Long.toString(ProcessHandle.current().pid())), 0);
        return new DataRootLock(channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot lock " + file + ": " + e, e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(20);
    channel.read(buffer, 0);
    return StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot free the lock of the data root: " + e, e);
    }
  }
}
