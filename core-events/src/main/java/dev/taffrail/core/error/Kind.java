package dev.taffrail.core.error;

/**
 * What a caller can do about a failure. The list is closed; transports map each kind to a status of
 * their own. Names follow containerd's errdefs and gRPC's codes.
 */
public enum Kind {
  /** The request is malformed; repeating it cannot help. */
  INVALID_ARGUMENT,
  /** The object does not exist. */
  NOT_FOUND,
  /** The object, or the name asked for, exists already. */
  ALREADY_EXISTS,
  /** The object is in a state that forbids the operation. */
  FAILED_PRECONDITION,
  /** The object already is as asked for; nothing was done. */
  NOT_MODIFIED,
  PERMISSION_DENIED,
  UNAUTHENTICATED,
  /** A limit, a quota or the disk is used up. */
  RESOURCE_EXHAUSTED,
  /** The operation was given up because of a concurrent one. */
  ABORTED,
  /** A cursor, offset or range lies beyond the end. */
  OUT_OF_RANGE,
  /** What was asked for existed once and was truncated, lost or superseded. */
  GONE,
  /** Taffrail does not do this (yet); the message names what was asked for. */
  UNIMPLEMENTED,
  /** Try again later: a queue is full, a plugin is not running. */
  UNAVAILABLE,
  /** The caller stopped waiting. This never means that it did not happen. */
  DEADLINE_EXCEEDED,
  CANCELLED,
  /** A write failed in a way that leaves open whether it is durable. */
  OUTCOME_UNKNOWN,
  /** Stored data is damaged. */
  DATA_LOSS,
  /** A bug, or a failure of the host that fits no other kind. */
  INTERNAL
}
