package dev.taffrail.core.linux;

import java.time.Instant;

/**
 * See statx(2) and inode(7).
 *
 * @param mode type and permission bits, {@code st_mode}
 * @param device {@code st_rdev} of a device node as makedev(3) packs it
 */
public record FileStat(
    int mode,
    long uid,
    long gid,
    long size,
    long links,
    long inode,
    long device,
    Instant modified) {
  public static final int S_IFMT = 0170000;
  public static final int S_IFDIR = 0040000;
  public static final int S_IFREG = 0100000;
  public static final int S_IFLNK = 0120000;
  public static final int S_IFCHR = 0020000;
  public static final int S_IFBLK = 0060000;
  public static final int S_IFIFO = 0010000;

  public boolean isDirectory() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  public boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  public boolean isSymbolicLink() {
    return (mode & S_IFMT) == S_IFLNK;
  }
}
