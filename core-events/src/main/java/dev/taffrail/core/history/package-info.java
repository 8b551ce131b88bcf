/**
 * Time travel: what the log tells of the past. The history of an object, who set a field, what lies
 * between two moments, and what led to an event. Everything here only reads a {@link
 * dev.taffrail.core.log.ReadableLog}, live or stopped, and also one that was truncated or salvaged:
 * then an event may be missing of which the state still knows what came of it.
 */
package dev.taffrail.core.history;
