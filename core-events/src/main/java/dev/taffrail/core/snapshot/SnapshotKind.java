package dev.taffrail.core.snapshot;

/** What can be done with a snapshot. */
public enum SnapshotKind {
  ACTIVE,
  VIEW,
  COMMITTED
}
