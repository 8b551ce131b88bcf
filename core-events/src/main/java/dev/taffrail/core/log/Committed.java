package dev.taffrail.core.log;

/**
 * The durable result of a command.
 *
 * @param cursor after the command's last event; the log's head when it emitted none
 * @param firstSequence of the command's events; {@code cursor.sequence() + 1} when it emitted none
 * @param repeated true when an idempotency key brought back an earlier reply
 */
public record Committed<R>(R reply, long firstSequence, Cursor cursor, boolean repeated) {}
