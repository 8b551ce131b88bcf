package dev.taffrail.linux;

import static dev.taffrail.linux.Native.DT_DIR;
import static dev.taffrail.linux.Native.LIBC;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists open directories; see getdents(2). The JDK's own listing would mangle names in a locale
 * that is not UTF-8.
 */
final class DirectoryReader {
  private static final int SIZE = 1 << 16;

  private final NativeBuffer buffer = new NativeBuffer(SIZE);

  /**
   * One name.
   *
   * @param directory false also when the file system does not tell the type
   */
  record Entry(String name, boolean directory) {}

  /** The entries from the descriptor's position on, without {@code .} and {@code ..}. */
  List<Entry> read(int directory, String action) {
    List<Entry> entries = new ArrayList<>();
    while (true) {
      int size = Native.check(LIBC.getdents64(directory, buffer.address, SIZE), action);
      if (size == 0) {
        return entries;
      }
      // struct linux_dirent64: inode 8, offset 8, length of the record 2, type 1, name.
      ByteBuffer bytes = buffer.bytes;
      for (int at = 0; at < size; at += Short.toUnsignedInt(bytes.getShort(at + 16))) {
        String name = KernelText.decodeUntilNul(bytes, at + 19);
        if (!name.equals(".") && !name.equals("..")) {
          entries.add(new Entry(name, bytes.get(at + 18) == DT_DIR));
        }
      }
    }
  }
}
