package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.SEEK_CUR;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Tree;
import java.nio.ByteBuffer;
import java.time.Instant;

/** A file under construction, by its descriptor; memory is the tree's. */
final class NativeNewFile implements Tree.NewFile {
  private final NativeTree tree;
  private final int descriptor;
  private final String name;
  private boolean closed;

  NativeNewFile(NativeTree tree, int descriptor, String name) {
    this.tree = tree;
    this.descriptor = descriptor;
    this.name = name;
  }

  @Override
  public void write(ByteBuffer bytes) {
    checkOpen();
    if (bytes.isDirect()) {
      writeAll(bytes, tree.addressOf(bytes));
      return;
    }
    NativeBuffer copy = tree.copies();
    while (bytes.hasRemaining()) {
      int size = Math.min(bytes.remaining(), copy.bytes.capacity());
      copy.bytes.clear().put(0, bytes, bytes.position(), size).limit(size);
      bytes.position(bytes.position() + size);
      writeAll(copy.bytes, copy.address);
    }
  }

  @Override
  public void skip(long bytes) {
    checkOpen();
    if (bytes < 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot " + tree.action("skip " + bytes + " bytes of", name));
    }
    // The size is set at once, because a hole may be the last thing in a file.
    long end = LIBC.lseek(descriptor, bytes, SEEK_CUR);
    if (end < 0 || LIBC.ftruncate(descriptor, end) < 0) {
      throw failure("write");
    }
  }

  @Override
  public void setOwner(long uid, long gid) {
    checkOpen();
    if (LIBC.fchown(descriptor, NativeTree.id(uid, name), NativeTree.id(gid, name)) < 0) {
      throw failure("set the owner of");
    }
  }

  @Override
  public void setMode(int mode) {
    checkOpen();
    if (LIBC.fchmod(descriptor, mode & NativeTree.PERMISSIONS) < 0) {
      throw failure("set the mode of");
    }
  }

  @Override
  public void setModified(Instant modified) {
    checkOpen();
    if (LIBC.futimens(descriptor, tree.times().both(modified)) < 0) {
      throw failure("set the time of");
    }
  }

  @Override
  public void setAttribute(String attribute, byte[] value) {
    checkOpen();
    if (LIBC.fsetxattr(
            descriptor,
            tree.text(attribute),
            tree.attributeValue(name, attribute, value),
            value.length,
            0)
        < 0) {
      throw failure("set the attribute " + attribute + " of");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      // EINTR: Linux has closed it all the same; see close(2).
      if (LIBC.close(descriptor) < 0 && Native.errno() != EINTR) {
        throw failure("close");
      }
    }
  }

  private void writeAll(ByteBuffer bytes, long address) {
    while (bytes.hasRemaining()) {
      long written = LIBC.write(descriptor, address + bytes.position(), bytes.remaining());
      if (written >= 0) {
        bytes.position(bytes.position() + (int) written);
      } else if (Native.errno() != EINTR) {
        throw failure("write");
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "Cannot " + tree.action("use", name) + ": it is closed");
    }
  }

  private RuntimeFailure failure(String verb) {
    return Native.failure(Native.errno(), tree.action(verb, name));
  }
}
