package dev.taffrail.linux;

import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.POLLIN;
import static dev.taffrail.linux.Native.SYS_pidfd_open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.linux.SpawnRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waitid(2) says by itself: before Linux 6.15 nobody else knows it once a child is reaped. */
@Timeout(60)
class ExitStatusTest {
  @Test
  void aChildIsReapedWithItsExitCode() {
    assertThat(reapedTwice("exit 41")).containsExactly(OptionalInt.of(41), OptionalInt.empty());
    assertThat(reapedTwice("exit 0")).containsExactly(OptionalInt.of(0), OptionalInt.empty());
  }

  @Test
  void aChildIsReapedWithTheSignalThatEndedIt() {
    assertThat(reapedTwice("kill -9 $$")).containsExactly(OptionalInt.of(137), OptionalInt.empty());
  }

  private static List<OptionalInt> reapedTwice(String script) {
    int pid =
        new Spawner()
            .spawn(
                new SpawnRequest(
                    List.of("/bin/sh", "-c", script), Map.of(), Path.of("/"), Map.of(), false));
    int pidfd = Native.check((int) LIBC.syscall(SYS_pidfd_open, pid, 0, 0, 0), "hold the child");
    try (Arguments arguments = new Arguments()) {
      NativeBuffer poll = arguments.allocate(8);
      poll.bytes.putInt(0, pidfd).putShort(4, POLLIN);
      Native.check(LIBC.poll(poll.address, 1, -1), "wait for the child");
      return List.of(ExitStatus.reap(pidfd), ExitStatus.reap(pidfd));
    } finally {
      LIBC.close(pidfd);
    }
  }
}
