package dev.taffrail.core.linux;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory opened as the root of a tree, in which hostile names are harmless: the directory part
 * of every name is resolved with openat2(2) and RESOLVE_IN_ROOT, so links and {@code ..} never lead
 * out, and the last component is never followed. Names are relative to the root; a leading slash
 * means the root. A byte of a name that is not UTF-8 is the lone surrogate U+DC00 + byte, both
 * ways. Not for concurrent use.
 */
public interface Tree extends AutoCloseable {
  /** The object itself, a link unfollowed; empty when it does not exist. */
  Optional<FileStat> stat(String name);

  /** ALREADY_EXISTS when the name is taken. */
  void makeDirectory(String name, int mode);

  /** Creates a regular file (O_EXCL); ALREADY_EXISTS when the name is taken. */
  NewFile createFile(String name, int mode);

  void makeSymbolicLink(String name, String target);

  /** A hard link to {@code existing}, which is resolved inside the root and not followed. */
  void makeLink(String name, String existing);

  /**
   * A device, fifo or socket; see mknod(2).
   *
   * @param mode with its type bits
   * @param device as makedev(3) packs it
   */
  void makeNode(String name, int mode, long device);

  /** The object itself, a link unfollowed. */
  void setOwner(String name, long uid, long gid);

  /** Permission bits with set-id and sticky; links cannot have any. */
  void setMode(String name, int mode);

  /** Access and modification time of the object itself, a link unfollowed. */
  void setModified(String name, Instant modified);

  void setAttribute(String name, String attribute, byte[] value);

  /** Extended attributes by name; empty when there are none. */
  Map<String, byte[]> attributes(String name);

  /** A file or a whole subtree, without following links; does nothing when it does not exist. */
  void remove(String name);

  /**
   * Names in a directory, sorted, without {@code .} and {@code ..}; links in the name are resolved
   * in the root.
   */
  List<String> list(String directory);

  String readLink(String name);

  /** For reading, links resolved inside the root, regular files only. */
  FileChannel open(String name);

  /** Writes everything of this file system to disk; see syncfs(2). */
  void sync();

  @Override
  void close();

  /** A file being written; owner, mode and time are set through the descriptor. */
  interface NewFile extends AutoCloseable {
    /** Writes all of {@code bytes}, which should be direct. */
    void write(ByteBuffer bytes);

    /** Leaves a hole of zeros. */
    void skip(long bytes);

    void setOwner(long uid, long gid);

    void setMode(int mode);

    void setModified(Instant modified);

    void setAttribute(String attribute, byte[] value);

    @Override
    void close();
  }
}
