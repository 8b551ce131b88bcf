package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A disk whose power can be cut: ext4 on a loop device. The cut is ext4's own shutdown without a
 * flush of its journal, the way the file-system developers test for crashes (xfstests, {@code
 * src/godown.c}): from then on nothing reaches the disk, and whatever was not synced is gone with
 * the next mount, which replays the journal.
 */
final class LossyDisk {
  /** EXT4_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH of linux/fs/ext4/ext4.h. */
  private static final String SHUTDOWN =
      "open(my $root, '<', $ARGV[0]) or die $!; my $flags = pack('L', 2);"
          + " ioctl($root, 0x8004587D, $flags) or die $!;";

  private final Path image;
  private final Path directory;

  private LossyDisk(Path image, Path directory) {
    this.image = image;
    this.directory = directory;
  }

  /** Mounts a new one on a directory. */
  static LossyDisk on(Path directory, Path image) throws IOException {
    Files.createDirectories(directory);
    command("truncate", "-s", "512M", image.toString());
    command("mkfs.ext4", "-q", "-F", image.toString());
    LossyDisk disk = new LossyDisk(image, directory);
    disk.mount();
    return disk;
  }

  private void mount() {
    command("mount", "-o", "loop", image.toString(), directory.toString());
  }

  private static void command(String... words) {
    Commands.run(Map.of(), new byte[0], List.of(words)).succeeded();
  }

  /** The power is cut. */
  void cut() {
    command("perl", "-e", SHUTDOWN, directory.toString());
  }

  /**
   * The power is back; nobody may use the file system. A container that starts somewhere else on
   * this machine holds all mounts for a moment: until it lets go, a new mount would be the old one.
   */
  void comeBack() {
    unmount();
    command(
        "timeout",
        "30",
        "sh",
        "-c",
        "while [ -n \"$(losetup -j '" + image + "')\" ]; do sleep 0.05; done");
    mount();
  }

  void unmount() {
    command("umount", directory.toString());
  }
}
