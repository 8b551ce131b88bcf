package dev.taffrail.core.container;

/** Where a container is in its life. */
public enum Phase {
  /** Never started, or its last start failed. */
  CREATED,
  /** An intent: the outcome of the start is not known yet. */
  STARTING,
  RUNNING,
  EXITED,
  /** A run has ended, and the next one is due at a known time. */
  RESTARTING,
  /** An intent: what belongs to it is being removed. */
  REMOVING
}
