package dev.taffrail.core.content;

import java.util.Objects;

/** Names content, as in OCI image-spec descriptor.md. */
public record Descriptor(String mediaType, Digest digest, long size) {
  public Descriptor {
    Objects.requireNonNull(mediaType, "mediaType");
    Objects.requireNonNull(digest, "digest");
  }
}
