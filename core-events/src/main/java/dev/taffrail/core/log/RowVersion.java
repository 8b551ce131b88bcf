package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * A row as one event left it.
 *
 * @param sequence of that event, which may be lost or truncated
 * @param value empty when it removed the row
 */
public record RowVersion(long sequence, Optional<JsonNode> value) {}
