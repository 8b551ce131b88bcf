package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The answer to a request with an idempotency key; a row of the family {@code dedup}.
 *
 * @param fingerprint of the request
 * @param reply as JSON
 * @param expires nanoseconds since the epoch
 */
record DedupRow(
    String fingerprint,
    JsonNode reply,
    long firstSequence,
    int epoch,
    long sequence,
    long expires) {
  Cursor cursor() {
    return new Cursor(epoch, sequence);
  }
}
