package dev.taffrail.core.content;

import java.time.Instant;

/** How far an ingest is; {@code offset} bytes are written. */
public record IngestStatus(String reference, long offset, Instant started, Instant updated) {}
