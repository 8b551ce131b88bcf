package dev.taffrail.core.container;

/** What to wait for, as in Docker's API. */
public enum WaitCondition {
  NOT_RUNNING,
  NEXT_EXIT,
  REMOVED
}
