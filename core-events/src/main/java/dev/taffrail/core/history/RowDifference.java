package dev.taffrail.core.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.taffrail.core.log.RowKey;
import java.util.Optional;

/**
 * How a row differs between two moments.
 *
 * @param before empty when there was no such row
 * @param after empty when there is no such row any more
 */
public record RowDifference(RowKey row, Optional<JsonNode> before, Optional<JsonNode> after) {
  /** RFC 6902; the path {@code ""} stands for the whole row. */
  public ArrayNode patch() {
    return JsonDiff.patch(before, after);
  }
}
