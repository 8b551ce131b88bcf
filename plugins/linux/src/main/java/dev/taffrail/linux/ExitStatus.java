package dev.taffrail.linux;

import static dev.taffrail.linux.Native.CLD_EXITED;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.PIDFD_GET_INFO;
import static dev.taffrail.linux.Native.PIDFD_INFO_EXIT;
import static dev.taffrail.linux.Native.PIDFD_INFO_SIZE;
import static dev.taffrail.linux.Native.P_PIDFD;
import static dev.taffrail.linux.Native.SIGINFO_SIZE;
import static dev.taffrail.linux.Native.WEXITED;
import static dev.taffrail.linux.Native.WNOHANG;

import java.util.Optional;
import java.util.OptionalInt;

/** Learns how a process ended: 0 to 255, or 128 + signal. */
final class ExitStatus {
  private static final int SIGNAL_BASE = 128;

  private ExitStatus() {}

  /** Of a child of ours, which is gone for good afterwards; see waitid(2). */
  static OptionalInt reap(int pidfd) {
    try (Arguments arguments = new Arguments()) {
      NativeBuffer info = arguments.allocate(SIGINFO_SIZE);
      if (LIBC.waitid(P_PIDFD, pidfd, info.address, WEXITED | WNOHANG) < 0
          || info.bytes.getInt(16) == 0) {
        return OptionalInt.empty();
      }
      // siginfo_t: si_code at 8, si_pid at 16, si_status at 24.
      int status = info.bytes.getInt(24);
      return OptionalInt.of(
          info.bytes.getInt(8) == CLD_EXITED ? status & 0xff : SIGNAL_BASE + status);
    }
  }

  /**
   * Of any process that ended. Until its parent asks, the status is in its stat line; afterwards
   * the pidfd knows it. Empty when the parent has asked and the kernel is older than 6.15.
   */
  static OptionalInt ask(int pidfd, int pid, long startTicks) {
    OptionalInt known = fromPidfd(pidfd);
    if (known.isPresent()) {
      return known;
    }
    Optional<ProcessStat> stat =
        ProcessStat.read(pid)
            .filter(found -> found.state() == 'Z' && found.startTicks() == startTicks);
    return stat.isPresent() ? OptionalInt.of(decode(stat.get().waitStatus())) : fromPidfd(pidfd);
  }

  private static OptionalInt fromPidfd(int pidfd) {
    try (Arguments arguments = new Arguments()) {
      NativeBuffer info = arguments.allocate(PIDFD_INFO_SIZE);
      info.bytes.putLong(0, PIDFD_INFO_EXIT);
      if (LIBC.ioctl(pidfd, PIDFD_GET_INFO, info.address) < 0
          || (info.bytes.getLong(0) & PIDFD_INFO_EXIT) == 0) {
        return OptionalInt.empty();
      }
      // struct pidfd_info: mask at 0, exit_code at 60.
      return OptionalInt.of(decode(info.bytes.getInt(60)));
    }
  }

  /** See the macros of waitpid(2). */
  static int decode(int waitStatus) {
    int signal = waitStatus & 0x7f;
    return signal == 0 ? (waitStatus >> 8) & 0xff : SIGNAL_BASE + signal;
  }
}
