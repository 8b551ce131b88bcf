package dev.taffrail.core.snapshot;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/**
 * The key of an active snapshot or view, or the name of a committed one; 1 to 512 characters, no
 * NUL.
 */
public record SnapshotKey(@JsonValue String value) {
  @JsonCreator
  public SnapshotKey {
    if (value.isEmpty() || value.length() > 512 || value.indexOf('\0') >= 0) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Invalid snapshot key: '" + value + "'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
