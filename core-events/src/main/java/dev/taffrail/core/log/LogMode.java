package dev.taffrail.core.log;

/** When a reply is given. */
public enum LogMode {
  /** After an fsync of the command's group. */
  DURABLE,
  /** After the write, before an fsync; every unclean stop opens a new epoch. */
  RELAXED
}
