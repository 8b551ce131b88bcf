package dev.taffrail.core.content;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Opens an ingest.
 *
 * @param reference not empty; one writer at a time
 * @param expected ALREADY_EXISTS when this blob is there
 * @param labels of the blob once committed
 */
public record IngestRequest(
    String reference, OptionalLong size, Optional<Digest> expected, Map<String, String> labels) {
  public IngestRequest {
    labels = Map.copyOf(labels);
  }

  public static IngestRequest of(String reference) {
    return new IngestRequest(reference, OptionalLong.empty(), Optional.empty(), Map.of());
  }
}
