package dev.taffrail.core.log;

import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How a log is opened.
 *
 * @param directory holds the database, the head file and quarantined ranges
 * @param clock epoch nanoseconds
 * @param salts random bytes for the salted hashes
 * @param queueCapacity commands and reserved outcomes that may wait
 * @param maxLag events a subscriber may fall behind while it asks for none
 * @param bookmarkInterval events passed over before a bookmark is sent
 */
public record LogSettings(
    Path directory,
    LogMode mode,
    LongSupplier clock,
    RandomGenerator salts,
    int queueCapacity,
    int maxLag,
    int bookmarkInterval) {}
