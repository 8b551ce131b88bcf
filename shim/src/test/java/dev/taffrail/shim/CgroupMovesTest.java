package dev.taffrail.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CgroupMovesTest {
  private static final String HYBRID =
      """
      25 1 0:23 / / rw - ext4 /dev/vda rw
      30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw
      31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
      32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
      33 30 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
      """;

  @Test
  void theDaemonsOwnGroupIsFoundByItsControllers() {
    assertThat(CgroupMoves.own(HYBRID, "2:pids:/a/b\n0::/u\n"))
        .contains(Path.of("/sys/fs/cgroup/pids/a/b/cgroup.procs"));
    assertThat(CgroupMoves.own(HYBRID, "4:cpu,cpuacct:/\n2:pids:/a/b\n0::/u\n"))
        .contains(Path.of("/sys/fs/cgroup/cpu,cpuacct/cgroup.procs"));
  }

  @Test
  void withVersionTwoAloneThereIsNothingToDo() {
    assertThat(CgroupMoves.own("30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/x\n"))
        .isEmpty();
  }

  @Test
  void aHierarchyThatShowsOnlyAPartIsPassedOver() {
    assertThat(
            CgroupMoves.own(
                "33 30 0:29 /docker/x /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
                "2:pids:/docker/x\n"))
        .isEmpty();
  }
}
