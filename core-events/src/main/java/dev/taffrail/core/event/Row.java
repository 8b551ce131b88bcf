package dev.taffrail.core.event;

/**
 * One row of a table.
 *
 * @param sequence the event that changed it last
 */
public record Row<T>(String namespace, String id, long sequence, T value) {}
