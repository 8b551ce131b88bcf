package dev.taffrail.core.task;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which output to read.
 *
 * @param log the path given in {@link TaskSpec#log}; a file that does not exist yet is empty
 * @param follow go on until the task has ended and all is read
 * @param tail only the last lines
 * @param skip read from this byte of the file on, at the start of a line; for attach
 */
public record LogQuery(
    String id,
    java.nio.file.Path log,
    boolean stdout,
    boolean stderr,
    boolean follow,
    Optional<Instant> since,
    Optional<Instant> until,
    OptionalLong tail,
    OptionalLong skip) {}
