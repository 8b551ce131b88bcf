package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Arrays;

/**
 * A version of Docker's API, {@code 1.41}.
 *
 * @param text as the client wrote it
 */
record ApiVersion(String text, int major, int minor) implements Comparable<ApiVersion> {
  static final ApiVersion OLDEST = new ApiVersion("1.24", 1, 24);
  static final ApiVersion NEWEST = new ApiVersion("1.50", 1, 50);

  /** From a path; a text that is no version counts as one that is too old, as in moby. */
  static ApiVersion parse(String text) {
    try {
      int[] parts = Arrays.stream(text.split("\\.")).mapToInt(Integer::parseInt).toArray();
      if (parts.length > 0) {
        return new ApiVersion(text, parts[0], parts.length > 1 ? parts[1] : 0);
      }
    } catch (NumberFormatException e) {
      // Falls through: not comparable, so not supported.
    }
    return new ApiVersion(text, 0, 0);
  }

  /** INVALID_ARGUMENT outside the range that is served, in Docker's words. */
  void check() {
    if (compareTo(OLDEST) < 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "client version "
              + text
              + " is too old. Minimum supported API version is "
              + OLDEST.text
              + ", please upgrade your client to a newer version");
    }
    if (compareTo(NEWEST) > 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "client version "
              + text
              + " is too new. Maximum supported API version is "
              + NEWEST.text);
    }
  }

  /** Whether this is 1.{@code minorVersion} or newer. */
  boolean atLeast(int minorVersion) {
    return major > 1 || (major == 1 && minor >= minorVersion);
  }

  @Override
  public int compareTo(ApiVersion other) {
    int byMajor = Integer.compare(major, other.major);
    return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
  }
}
