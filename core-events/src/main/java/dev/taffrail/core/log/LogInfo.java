package dev.taffrail.core.log;

import java.util.Optional;

/**
 * The log at a glance.
 *
 * @param oldest the first sequence still stored
 * @param hash of the head, lower-case hex
 * @param salvage what the last salvage of this data directory lost, if there was one
 */
public record LogInfo(
    String logId, LogMode mode, Cursor head, long oldest, String hash, Optional<String> salvage) {}
