package dev.taffrail.snapshotter.diff;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a layer may ask for, from the plugin's section of {@code daemon.json}.
 *
 * @param bytes {@code max-layer-bytes}, uncompressed
 * @param entries {@code max-layer-entries}
 */
record LayerLimits(long bytes, long entries) {
  /** Of the headers of one entry; long names and extended attributes are in there. */
  static final long HEADER_BYTES = 4L << 20;

  private static final long DEFAULT_BYTES = 64L << 30;
  private static final long DEFAULT_ENTRIES = 8_000_000;

  static LayerLimits of(JsonNode configuration) {
    return new LayerLimits(
        configuration.path("max-layer-bytes").asLong(DEFAULT_BYTES),
        configuration.path("max-layer-entries").asLong(DEFAULT_ENTRIES));
  }
}
