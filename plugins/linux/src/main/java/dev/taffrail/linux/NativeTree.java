package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AT_EMPTY_PATH;
import static dev.taffrail.linux.Native.AT_SYMLINK_NOFOLLOW;
import static dev.taffrail.linux.Native.ENODATA;
import static dev.taffrail.linux.Native.ENOENT;
import static dev.taffrail.linux.Native.ENOSYS;
import static dev.taffrail.linux.Native.ENOTDIR;
import static dev.taffrail.linux.Native.EOPNOTSUPP;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_CLOEXEC;
import static dev.taffrail.linux.Native.O_CREAT;
import static dev.taffrail.linux.Native.O_DIRECTORY;
import static dev.taffrail.linux.Native.O_EXCL;
import static dev.taffrail.linux.Native.O_NOFOLLOW;
import static dev.taffrail.linux.Native.O_PATH;
import static dev.taffrail.linux.Native.O_RDONLY;
import static dev.taffrail.linux.Native.O_WRONLY;
import static dev.taffrail.linux.Native.PATH_MAX;
import static dev.taffrail.linux.Native.STATX_BASIC_STATS;
import static dev.taffrail.linux.Native.STATX_SIZE;
import static dev.taffrail.linux.Native.SYS_fchmodat2;
import static dev.taffrail.linux.Native.XATTR_SIZE_MAX;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileStat;
import dev.taffrail.core.linux.Tree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One system call per operation on the last component, and one more when the directory differs from
 * the one before. Memory for names and structures is taken once.
 */
final class NativeTree implements Tree {
  static final int PERMISSIONS = 07777;

  /** What open(2) and mkdir(2) take over from the mode; other bits are set afterwards. */
  private static final int CREATION_BITS = 0777;

  private final String root;
  private final int descriptor;
  private final NameResolver names;

  /** The second name of a hard link, so that both directories are open together. */
  private final NameResolver existingNames;

  private final NativeBuffer text = new NativeBuffer(PATH_MAX);
  private final NativeBuffer stat = new NativeBuffer(STATX_SIZE);
  private final FileTimes times = new FileTimes();
  private NativeBuffer attributeValue;
  private NativeBuffer copies;
  private DirectoryReader reader;
  private TreeRemover remover;
  private ByteBuffer lastWritten;
  private long lastWrittenAddress;
  private boolean closed;

  NativeTree(String root, int descriptor) {
    this.root = root;
    this.descriptor = descriptor;
    this.names = new NameResolver(descriptor);
    this.existingNames = new NameResolver(descriptor);
  }

  @Override
  public Optional<FileStat> stat(String name) {
    int directory = names.find(check(name));
    if (directory < 0) {
      if (names.absent()) {
        return Optional.empty();
      }
      throw Native.failure(names.errno(), action("stat", name));
    }
    if (LIBC.statx(directory, names.leaf(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, stat.address)
        < 0) {
      int errno = Native.errno();
      if (errno == ENOENT || errno == ENOTDIR) {
        return Optional.empty();
      }
      throw Native.failure(errno, action("stat", name));
    }
    return Optional.of(lastStat());
  }

  @Override
  public void makeDirectory(String name, int mode) {
    int directory = directoryOf("make the directory", name);
    if (LIBC.mkdirat(directory, names.leaf(), mode & CREATION_BITS) < 0) {
      throw Native.failure(Native.errno(), action("make the directory", name));
    }
    if (differsWhenCreated(mode)) {
      changeMode(directory, name, mode);
    }
  }

  @Override
  public NewFile createFile(String name, int mode) {
    int directory = directoryOf("create", name);
    int file =
        LIBC.openat(
            directory,
            names.leaf(),
            O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
            mode & CREATION_BITS);
    if (file < 0) {
      throw Native.failure(Native.errno(), action("create", name));
    }
    if (differsWhenCreated(mode) && LIBC.fchmod(file, mode & PERMISSIONS) < 0) {
      int errno = Native.errno();
      Native.closeQuietly(file);
      throw Native.failure(errno, action("set the mode of", name));
    }
    return new NativeNewFile(this, file, name);
  }

  @Override
  public void makeSymbolicLink(String name, String target) {
    int directory = directoryOf("make the link", name);
    if (LIBC.symlinkat(text.string(target), directory, names.leaf()) < 0) {
      throw Native.failure(Native.errno(), action("make the link", name));
    }
  }

  @Override
  public void makeLink(String name, String existing) {
    String verb = "make the hard link";
    int to = directoryOf(verb, name);
    int from = existingNames.find(existing);
    if (from < 0) {
      throw Native.failure(existingNames.errno(), action(verb, name) + " to " + existing);
    }
    if (LIBC.linkat(from, existingNames.leaf(), to, names.leaf(), 0) < 0) {
      throw Native.failure(Native.errno(), action(verb, name) + " to " + existing);
    }
  }

  @Override
  public void makeNode(String name, int mode, long device) {
    int directory = directoryOf("make the node", name);
    if (LIBC.mknodat(directory, names.leaf(), mode & (FileStat.S_IFMT | CREATION_BITS), device)
        < 0) {
      throw Native.failure(Native.errno(), action("make the node", name));
    }
    if (differsWhenCreated(mode)) {
      changeMode(directory, name, mode);
    }
  }

  @Override
  public void setOwner(String name, long uid, long gid) {
    int directory = directoryOf("set the owner of", name);
    if (LIBC.fchownat(directory, names.leaf(), id(uid, name), id(gid, name), AT_SYMLINK_NOFOLLOW)
        < 0) {
      throw Native.failure(Native.errno(), action("set the owner of", name));
    }
  }

  @Override
  public void setMode(String name, int mode) {
    changeMode(directoryOf("set the mode of", name), name, mode);
  }

  @Override
  public void setModified(String name, Instant modified) {
    int directory = directoryOf("set the time of", name);
    if (LIBC.utimensat(directory, names.leaf(), times.both(modified), AT_SYMLINK_NOFOLLOW) < 0) {
      throw Native.failure(Native.errno(), action("set the time of", name));
    }
  }

  @Override
  public void setAttribute(String name, String attribute, byte[] value) {
    try (Arguments arguments = new Arguments()) {
      long path = arguments.string(procPath(name, "set an attribute of"));
      attributeValue(name, attribute, value);
      if (LIBC.lsetxattr(path, text.string(attribute), attributeValue.address, value.length, 0)
          < 0) {
        throw Native.failure(
            Native.errno(), action("set the attribute " + attribute + " of", name));
      }
    }
  }

  @Override
  public Map<String, byte[]> attributes(String name) {
    try (Arguments arguments = new Arguments()) {
      long path = arguments.string(procPath(name, "list the attributes of"));
      NativeBuffer values = attributeBuffer();
      long size = LIBC.llistxattr(path, values.address, XATTR_SIZE_MAX);
      if (size < 0) {
        int errno = Native.errno();
        if (errno == EOPNOTSUPP) {
          return Map.of();
        }
        throw Native.failure(errno, action("list the attributes of", name));
      }
      List<String> attributes = new ArrayList<>();
      for (int at = 0; at < size; ) {
        int end = at;
        while (values.bytes.get(end) != 0) {
          end++;
        }
        attributes.add(KernelText.decode(values.bytes, at, end - at));
        at = end + 1;
      }
      Map<String, byte[]> found = new TreeMap<>();
      for (String attribute : attributes) {
        long length =
            LIBC.lgetxattr(path, arguments.string(attribute), values.address, XATTR_SIZE_MAX);
        if (length >= 0) {
          byte[] value = new byte[(int) length];
          values.bytes.get(0, value);
          found.put(attribute, value);
        } else if (Native.errno() != ENODATA) {
          // ENODATA: removed since it was listed.
          throw Native.failure(
              Native.errno(), action("read the attribute " + attribute + " of", name));
        }
      }
      return Collections.unmodifiableMap(found);
    }
  }

  @Override
  public void remove(String name) {
    int directory = names.find(check(name));
    if (directory < 0) {
      if (names.absent()) {
        return;
      }
      throw Native.failure(names.errno(), action("remove", name));
    }
    if (names.leafIsDirectoryItself()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot " + action("remove", name) + ": it names no entry");
    }
    if (remover == null) {
      remover = new TreeRemover();
    }
    try {
      remover.remove(directory, names.leafText(), root + ": " + name);
    } finally {
      names.forget();
      existingNames.forget();
    }
  }

  @Override
  public List<String> list(String directory) {
    int opened = names.open(check(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
      throw Native.failure(names.errno(), action("list", directory));
    }
    try {
      if (reader == null) {
        reader = new DirectoryReader();
      }
      return reader.read(opened, action("list", directory)).stream()
          .map(DirectoryReader.Entry::name)
          .sorted()
          .toList();
    } finally {
      LIBC.close(opened);
    }
  }

  @Override
  public String readLink(String name) {
    int directory = directoryOf("read the link", name);
    long size = LIBC.readlinkat(directory, names.leaf(), text.address, PATH_MAX);
    if (size < 0) {
      throw Native.failure(Native.errno(), action("read the link", name));
    }
    return KernelText.decode(text.bytes, 0, (int) size);
  }

  @Override
  public FileChannel open(String name) {
    // O_PATH neither waits for the other end of a fifo nor wakes a device.
    int held = names.open(check(name), O_PATH | O_CLOEXEC);
    if (held < 0) {
      throw Native.failure(names.errno(), action("open", name));
    }
    try {
      if (LIBC.statx(held, text.string(""), AT_EMPTY_PATH, STATX_BASIC_STATS, stat.address) < 0) {
        throw Native.failure(Native.errno(), action("open", name));
      }
      if (!lastStat().isRegularFile()) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION,
            "Cannot open " + name + " in " + root + ": it is not a regular file");
      }
      return FileChannel.open(Path.of("/proc/self/fd/" + held), StandardOpenOption.READ);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot open " + name + " in " + root + ": " + e.getMessage(), e);
    } finally {
      LIBC.close(held);
    }
  }

  @Override
  public void sync() {
    check("");
    Native.check(LIBC.syncfs(descriptor), "sync the file system of " + root);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      names.close();
      existingNames.close();
      LIBC.close(descriptor);
    }
  }

  /** For messages. */
  String action(String verb, String name) {
    return verb + " " + name + " in " + root;
  }

  FileTimes times() {
    return times;
  }

  /** Copies a value to where the kernel can read it; its name is for the message. */
  long attributeValue(String name, String attribute, byte[] value) {
    if (value.length > XATTR_SIZE_MAX) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Cannot set the attribute "
              + attribute
              + " of "
              + name
              + ": "
              + value.length
              + " bytes are more than the kernel takes");
    }
    attributeBuffer().bytes.put(0, value);
    return attributeValue.address;
  }

  /** {@code text} where the kernel can read it, until the next call. */
  long text(String value) {
    return text.string(value);
  }

  /** The address of a direct buffer; callers write the same few buffers again and again. */
  @SuppressWarnings("ReferenceEquality") // Equal content lies elsewhere.
  long addressOf(ByteBuffer direct) {
    if (direct != lastWritten) {
      lastWrittenAddress = Native.addressOf(direct);
      lastWritten = direct;
    }
    return lastWrittenAddress;
  }

  /** For bytes that are on the Java heap. */
  NativeBuffer copies() {
    if (copies == null) {
      copies = new NativeBuffer(1 << 16);
    }
    return copies;
  }

  /** The kernel keeps 2^32 - 1 for "leave it as it is". */
  static int id(long id, String name) {
    if (id < 0 || id >= 0xffff_ffffL) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot set the owner of " + name + ": no such id as " + id);
    }
    return (int) id;
  }

  private int directoryOf(String verb, String name) {
    int directory = names.find(check(name));
    if (directory < 0) {
      throw Native.failure(names.errno(), action(verb, name));
    }
    return directory;
  }

  private String check(String name) {
    if (closed) {
      throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "The tree " + root + " is closed");
    }
    return name;
  }

  private static boolean differsWhenCreated(int mode) {
    return (mode & PERMISSIONS & (Umask.VALUE | ~CREATION_BITS)) != 0;
  }

  private void changeMode(int directory, String name, int mode) {
    int bits = mode & PERMISSIONS;
    if (LIBC.syscall(SYS_fchmodat2, directory, names.leaf(), bits, AT_SYMLINK_NOFOLLOW) == 0) {
      return;
    }
    int errno = Native.errno();
    // Before Linux 6.6: glibc goes through O_PATH and /proc, which follows no link either.
    if (errno == ENOSYS && LIBC.fchmodat(directory, names.leaf(), bits, AT_SYMLINK_NOFOLLOW) == 0) {
      return;
    }
    throw Native.failure(errno == ENOSYS ? Native.errno() : errno, action("set the mode of", name));
  }

  /** There is no lsetxattr relative to a directory before Linux 6.13. */
  private String procPath(String name, String verb) {
    int directory = directoryOf(verb, name);
    return "/proc/self/fd/" + directory + "/" + names.leafText();
  }

  private NativeBuffer attributeBuffer() {
    if (attributeValue == null) {
      attributeValue = new NativeBuffer(XATTR_SIZE_MAX);
    }
    return attributeValue;
  }

  private FileStat lastStat() {
    // Offsets in struct statx; see statx(2).
    ByteBuffer found = stat.bytes;
    return new FileStat(
        Short.toUnsignedInt(found.getShort(28)),
        Integer.toUnsignedLong(found.getInt(20)),
        Integer.toUnsignedLong(found.getInt(24)),
        found.getLong(40),
        Integer.toUnsignedLong(found.getInt(16)),
        found.getLong(32),
        device(
            Integer.toUnsignedLong(found.getInt(128)), Integer.toUnsignedLong(found.getInt(132))),
        Instant.ofEpochSecond(found.getLong(112), Integer.toUnsignedLong(found.getInt(120))));
  }

  /** As makedev(3). */
  private static long device(long major, long minor) {
    return ((major & 0xffff_f000L) << 32)
        | ((major & 0xfff) << 8)
        | ((minor & 0xffff_ff00L) << 12)
        | (minor & 0xff);
  }
}
