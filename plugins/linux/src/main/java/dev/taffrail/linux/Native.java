package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.ByteBuffer;
import jnr.constants.platform.Errno;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The functions of glibc and the constants of the kernel, under their own names. Pointers travel as
 * addresses: who passes one keeps the memory reachable until the call returns ({@link Arguments},
 * {@link NativeBuffer}).
 */
final class Native {
  /** Open file descriptions may lie at other bits on other machines; see asm/fcntl.h. */
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  /** On x86-64 {@code struct epoll_event} is packed; see sys/epoll.h. */
  private static final boolean X86 = System.getProperty("os.arch").equals("amd64");

  // From linux/limits.h.
  static final int PATH_MAX = 4096;
  static final int XATTR_SIZE_MAX = 65536;

  // From asm-generic/errno-base.h and asm-generic/errno.h; see errno(3).
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EXDEV = 18;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ENOSPC = 28;
  static final int ENAMETOOLONG = 36;
  static final int ENOTEMPTY = 39;
  static final int ENOSYS = 38;
  static final int ELOOP = 40;
  static final int ENODATA = 61;
  static final int EOPNOTSUPP = 95;
  static final int ECONNRESET = 104;
  static final int ENOTCONN = 107;

  // From asm-generic/fcntl.h and asm/fcntl.h; see open(2).
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 01;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_NOCTTY = 0400;
  static final int O_TRUNC = 01000;
  static final int O_APPEND = 02000;
  static final int O_NONBLOCK = 04000;
  static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  static final int O_CLOEXEC = 02000000;
  static final int O_PATH = 010000000;

  // From linux/fcntl.h; see fcntl(2), file sealing.
  static final int F_ADD_SEALS = 1033;
  static final int F_SEAL_SEAL = 1;
  static final int F_SEAL_SHRINK = 2;
  static final int F_SEAL_GROW = 4;
  static final int F_SEAL_WRITE = 8;

  // From linux/fcntl.h; see openat(2), statx(2), unlinkat(2).
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int AT_RECURSIVE = 0x8000;

  // From linux/openat2.h; see openat2(2).
  static final long RESOLVE_NO_XDEV = 0x01;
  static final long RESOLVE_NO_MAGICLINKS = 0x02;
  static final long RESOLVE_NO_SYMLINKS = 0x04;
  static final long RESOLVE_BENEATH = 0x08;
  static final long RESOLVE_IN_ROOT = 0x10;
  static final int OPEN_HOW_SIZE = 24;

  // From linux/stat.h; see statx(2).
  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_SIZE = 256;

  // From dirent.h; see readdir(3).
  static final int DT_DIR = 4;

  // From unistd.h; see lseek(2).
  static final int SEEK_SET = 0;
  static final int SEEK_CUR = 1;

  // From linux/sched.h, linux/nsfs.h and linux/magic.h; see namespaces(7), ioctl_nsfs(2),
  // statfs(2).
  static final int CLONE_NEWNET = 0x40000000;
  static final long NS_GET_NSTYPE = 0xb703;
  static final long NSFS_MAGIC = 0x6e736673;
  static final int STATFS_SIZE = 120;

  // From linux/memfd.h; see memfd_create(2).
  static final int MFD_CLOEXEC = 1;
  static final int MFD_ALLOW_SEALING = 2;
  static final int MFD_EXEC = 0x10;

  // From linux/mount.h; see mount(2), umount2(2).
  static final long MS_RDONLY = 1;
  static final long MS_NOSUID = 2;
  static final long MS_NODEV = 4;
  static final long MS_NOEXEC = 8;
  static final long MS_SYNCHRONOUS = 16;
  static final long MS_REMOUNT = 32;
  static final long MS_DIRSYNC = 128;
  static final long MS_NOSYMFOLLOW = 256;
  static final long MS_NOATIME = 1024;
  static final long MS_NODIRATIME = 2048;
  static final long MS_BIND = 4096;
  static final long MS_REC = 16384;
  static final long MS_UNBINDABLE = 1 << 17;
  static final long MS_PRIVATE = 1 << 18;
  static final long MS_SLAVE = 1 << 19;
  static final long MS_SHARED = 1 << 20;
  static final long MS_RELATIME = 1 << 21;
  static final long MS_STRICTATIME = 1 << 24;
  static final long MS_LAZYTIME = 1 << 25;
  static final int MNT_DETACH = 2;
  static final int UMOUNT_NOFOLLOW = 8;

  // From linux/mount.h; see mount_setattr(2), and the file descriptor based mount calls.
  static final int MOUNT_ATTR_RDONLY = 0x1;
  static final int MOUNT_ATTR_NOSUID = 0x2;
  static final int MOUNT_ATTR_NODEV = 0x4;
  static final int MOUNT_ATTR_NOEXEC = 0x8;
  static final int MOUNT_ATTR__ATIME = 0x70;
  static final int MOUNT_ATTR_NOATIME = 0x10;
  static final int MOUNT_ATTR_STRICTATIME = 0x20;
  static final int MOUNT_ATTR_NODIRATIME = 0x80;
  static final int MOUNT_ATTR_NOSYMFOLLOW = 0x200000;
  static final int MOUNT_ATTR_SIZE_VER0 = 32;
  static final int OPEN_TREE_CLONE = 1;
  static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
  static final int MOVE_MOUNT_T_SYMLINKS = 0x10;
  static final int FSOPEN_CLOEXEC = 1;
  static final int FSMOUNT_CLOEXEC = 1;
  static final int FSCONFIG_SET_FLAG = 0;
  static final int FSCONFIG_SET_STRING = 1;
  static final int FSCONFIG_SET_FD = 5;
  static final int FSCONFIG_CMD_CREATE = 6;

  // From asm-generic/unistd.h; calls this new have the same number on every machine.
  static final long SYS_pidfd_send_signal = 424;
  static final long SYS_open_tree = 428;
  static final long SYS_move_mount = 429;
  static final long SYS_fsopen = 430;
  static final long SYS_fsconfig = 431;
  static final long SYS_fsmount = 432;
  static final long SYS_pidfd_open = 434;
  static final long SYS_openat2 = 437;
  static final long SYS_mount_setattr = 442;
  static final long SYS_fchmodat2 = 452;

  // From spawn.h of glibc; sizes rounded up from 80 and 336 bytes. See posix_spawn(3).
  static final short POSIX_SPAWN_SETSIGDEF = 0x04;
  static final short POSIX_SPAWN_SETSIGMASK = 0x08;
  static final short POSIX_SPAWN_SETSID = 0x80;
  static final int POSIX_SPAWN_FILE_ACTIONS_SIZE = 256;
  static final int POSIX_SPAWNATTR_SIZE = 512;
  static final int SIGSET_SIZE = 128;
  static final int SIGKILL = 9;

  // From linux/wait.h and asm-generic/siginfo.h; see waitid(2).
  static final int P_PID = 1;
  static final int P_PIDFD = 3;
  static final int WNOHANG = 1;
  static final int WEXITED = 4;
  static final int CLD_EXITED = 1;
  static final int SIGINFO_SIZE = 128;

  // From linux/pidfd.h (6.15); see ioctl_pidfd(2). The number carries the size of version 0.
  static final long PIDFD_GET_INFO = 0xC040FF0BL;
  static final long PIDFD_INFO_EXIT = 1 << 3;
  static final int PIDFD_INFO_SIZE = 64;

  // From asm-generic/poll.h and linux/eventpoll.h; see poll(2), epoll_ctl(2).
  static final short POLLIN = 1;
  static final int EPOLLIN = 1;
  static final int EPOLL_CLOEXEC = O_CLOEXEC;
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLL_CTL_DEL = 2;
  static final int EPOLL_EVENT_SIZE = X86 ? 12 : 16;
  static final int EPOLL_EVENT_DATA = X86 ? 4 : 8;
  static final int EFD_CLOEXEC = O_CLOEXEC;

  // From linux/socket.h and asm-generic/socket.h; see socket(2), socket(7), send(2), unix(7).
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int AF_NETLINK = 16;
  static final int SOCK_RAW = 3;
  static final int SOCK_SEQPACKET = 5;
  static final int SOCK_CLOEXEC = O_CLOEXEC;
  static final int SOL_SOCKET = 1;
  static final int SO_RCVTIMEO = 20;
  static final int MSG_PEEK = 0x2;
  static final int MSG_TRUNC = 0x20;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int SHUT_WR = 1;
  static final int SHUT_RDWR = 2;
  static final int SUN_PATH_SIZE = 108;

  // From linux/inotify.h; see inotify(7).
  static final int IN_MODIFY = 0x2;
  static final int IN_MOVED_FROM = 0x40;
  static final int IN_MOVED_TO = 0x80;
  static final int IN_CREATE = 0x100;
  static final int IN_DELETE = 0x200;
  static final int IN_DELETE_SELF = 0x400;
  static final int IN_MOVE_SELF = 0x800;
  static final int IN_Q_OVERFLOW = 0x4000;
  static final int IN_IGNORED = 0x8000;
  static final int IN_MASK_ADD = 0x20000000;
  static final int IN_CLOEXEC = O_CLOEXEC;

  static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

  private Native() {}

  /** Public because jnr-ffi implements it from another class loader. */
  public interface LibC {
    int open(long path, int flags, int mode);

    int openat(int directory, long path, int flags, int mode);

    int close(int descriptor);

    long read(int descriptor, long bytes, long count);

    long write(int descriptor, long bytes, long count);

    long lseek(int descriptor, long offset, int whence);

    int ftruncate(int descriptor, long size);

    int fchown(int descriptor, int uid, int gid);

    int fchmod(int descriptor, int mode);

    int futimens(int descriptor, long times);

    int fsetxattr(int descriptor, long name, long value, long size, int flags);

    int mkdirat(int directory, long path, int mode);

    int mknodat(int directory, long path, int mode, long device);

    int symlinkat(long target, int directory, long path);

    int linkat(int fromDirectory, long from, int toDirectory, long to, int flags);

    int renameat(int fromDirectory, long from, int toDirectory, long to);

    int unlinkat(int directory, long path, int flags);

    int fchownat(int directory, long path, int uid, int gid, int flags);

    int fchmodat(int directory, long path, int mode, int flags);

    int utimensat(int directory, long path, long times, int flags);

    int statx(int directory, long path, int flags, int mask, long buffer);

    long readlinkat(int directory, long path, long buffer, long size);

    long getdents64(int directory, long buffer, long size);

    int lsetxattr(long path, long name, long value, long size, int flags);

    long lgetxattr(long path, long name, long value, long size);

    long llistxattr(long path, long list, long size);

    int memfd_create(long name, int flags);

    int fcntl(int descriptor, int command, int argument);

    int syncfs(int descriptor);

    int mount(long source, long target, long type, long flags, long data);

    int umount2(long target, int flags);

    int fstatfs(int descriptor, long buffer);

    int unshare(int flags);

    int setns(int descriptor, int type);

    int poll(long descriptors, long count, int timeoutMillis);

    int epoll_create1(int flags);

    int epoll_ctl(int epoll, int operation, int descriptor, long event);

    int epoll_wait(int epoll, long events, int count, int timeoutMillis);

    int eventfd(int initial, int flags);

    int ioctl(int descriptor, long request, long argument);

    int waitid(int type, int id, long info, int options);

    int kill(int pid, int signal);

    /**
     * The last argument is no part of it: the code that jnr-ffi 2.2.19 makes for x86-64 passes
     * garbage as the sixth of six. With seven it takes another way, and glibc looks at six.
     */
    int posix_spawn(
        long pid, long path, long fileActions, long attributes, long argv, long envp, long unused);

    int posix_spawn_file_actions_init(long fileActions);

    int posix_spawn_file_actions_destroy(long fileActions);

    int posix_spawn_file_actions_addopen(
        long fileActions, int descriptor, long path, int flags, int mode);

    int posix_spawn_file_actions_addclose(long fileActions, int descriptor);

    int posix_spawn_file_actions_addclosefrom_np(long fileActions, int from);

    int posix_spawn_file_actions_addchdir_np(long fileActions, long path);

    int posix_spawnattr_init(long attributes);

    int posix_spawnattr_setflags(long attributes, short flags);

    int posix_spawnattr_setsigmask(long attributes, long set);

    int posix_spawnattr_setsigdefault(long attributes, long set);

    int sigemptyset(long set);

    int socket(int domain, int type, int protocol);

    int setsockopt(int socket, int level, int option, long value, int size);

    int connect(int socket, long address, int size);

    long recv(int socket, long bytes, long count, int flags);

    long send(int socket, long bytes, long count, int flags);

    int shutdown(int socket, int how);

    long strerror(int errno);

    int inotify_init1(int flags);

    int inotify_add_watch(int inotify, long path, int mask);

    int inotify_rm_watch(int inotify, int watch);

    /** Of the six arguments a call can have the kernel looks at those it needs. */
    long syscall(long number, long a, long b, long c, long d);

    /** See {@link #posix_spawn}: five arguments and the number would be six. */
    long syscall(long number, long a, long b, long c, long d, long e, long f);
  }

  /** The error of the last call of this thread that failed. */
  static int errno() {
    return LastError.getLastError(RUNTIME);
  }

  /** {@code result}; fails when it is negative, naming {@code action} and the errno. */
  static int check(int result, String action) {
    if (result < 0) {
      throw failure(errno(), action);
    }
    return result;
  }

  static int check(long result, String action) {
    return check((int) result, action);
  }

  /** Says "Cannot ACTION: ENOENT, No such file or directory". */
  static RuntimeFailure failure(int errno, String action) {
    // 95 has two names; jnr-constants finds the other one.
    Errno named = errno == EOPNOTSUPP ? Errno.EOPNOTSUPP : Errno.valueOf(errno);
    String name = named == Errno.__UNKNOWN_CONSTANT__ ? "errno " + errno : named.name();
    return new RuntimeFailure(
        kindOf(named), "Cannot " + action + ": " + name + ", " + named.description());
  }

  static Kind kindOf(Errno errno) {
    return switch (errno) {
      case ENOENT, ESRCH, ENXIO, ENODEV -> Kind.NOT_FOUND;
      case EEXIST, EADDRINUSE -> Kind.ALREADY_EXISTS;
      case EPERM, EACCES -> Kind.PERMISSION_DENIED;
      case EROFS, EBUSY, ENOTEMPTY, ENOTDIR, EISDIR, ENOEXEC, ETXTBSY -> Kind.FAILED_PRECONDITION;
      case ENETDOWN, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL -> Kind.FAILED_PRECONDITION;
      case ELOOP, EXDEV, ENAMETOOLONG, EINVAL, E2BIG, EMSGSIZE, ERANGE -> Kind.INVALID_ARGUMENT;
      case ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE, EMLINK, EFBIG, ENOBUFS ->
          Kind.RESOURCE_EXHAUSTED;
      case ENOSYS, EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT -> Kind.UNIMPLEMENTED;
      case ECONNREFUSED -> Kind.UNAVAILABLE;
      case EPIPE, ECONNRESET, ENOTCONN -> Kind.ABORTED;
      default -> Kind.INTERNAL;
    };
  }

  /** Where the memory of a direct buffer begins, whatever its position. */
  static long addressOf(ByteBuffer direct) {
    // Pointer.address() includes the position of the buffer it wraps.
    return Pointer.wrap(RUNTIME, direct.duplicate().clear()).address();
  }

  /** The NUL-terminated bytes at {@code address}, which is memory of a library. */
  static String stringAt(long address) {
    Pointer memory = Pointer.wrap(RUNTIME, address);
    byte[] raw = new byte[memory.indexOf(0, (byte) 0)];
    memory.get(0, raw, 0, raw.length);
    return KernelText.decode(raw);
  }

  /** Closes without a word: for clean-up, where the first failure is the one to report. */
  static void closeQuietly(int descriptor) {
    if (descriptor >= 0) {
      LIBC.close(descriptor);
    }
  }
}
