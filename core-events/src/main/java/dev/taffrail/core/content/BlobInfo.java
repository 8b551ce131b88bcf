package dev.taffrail.core.content;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A committed blob. */
public record BlobInfo(Digest digest, long size, Instant created, Map<String, String> labels) {
  public BlobInfo {
    Objects.requireNonNull(digest, "digest");
    Objects.requireNonNull(created, "created");
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
  }
}
