package dev.taffrail.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.linux.ControlGroups.Abilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelControlGroupsTest {
  @TempDir private Path root;
  private Path mountInfo;

  @BeforeEach
  void nothingIsMounted() throws IOException {
    mountInfo = root.resolve("mountinfo");
    Files.createFile(mountInfo);
  }

  private Abilities read() {
    return new KernelControlGroups(mountInfo, root.resolve("cgroup")).abilities();
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve("cgroup").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void withoutControlGroupsNothingCanBeLimited() {
    assertThat(read())
        .isEqualTo(
            new Abilities(
                false, false, false, false, false, false, false, false, "", "", false, false));
  }

  @Test
  void aControllerOfVersion1LimitsWhatItHasFilesFor() throws IOException {
    Files.writeString(
        mountInfo,
        String.join(
            "\n",
            "30 29 0:27 / " + root + "/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct",
            "31 29 0:28 / " + root + "/cgroup/cpuset rw,nosuid - cgroup cgroup rw,cpuset",
            "32 29 0:29 / " + root + "/cgroup/memory rw,nosuid - cgroup cgroup rw,memory",
            "33 29 0:30 / " + root + "/cgroup/unified rw,nosuid - cgroup2 cgroup rw",
            ""));
    write("cpu,cpuacct/cpu.shares", "1024\n");
    write("cpuset/cpuset.cpus", "0-3\n");
    write("cpuset/cpuset.mems", "0\n");
    write("memory/memory.soft_limit_in_bytes", "1\n");
    assertThat(read())
        .isEqualTo(
            new Abilities(
                false, true, false, true, false, true, false, true, "0-3", "0", false, false));
  }

  @Test
  void version2NamesItsControllers() throws IOException {
    write("cgroup.controllers", "cpuset cpu io memory pids\n");
    write("cpuset.cpus.effective", "0-1\n");
    write("cpuset.mems.effective", "0\n");
    write("system.slice/memory.swap.max", "max\n");
    assertThat(read())
        .isEqualTo(
            new Abilities(true, true, true, true, false, true, true, true, "0-1", "0", true, true));
  }
}
