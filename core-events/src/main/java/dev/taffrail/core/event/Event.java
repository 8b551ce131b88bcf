package dev.taffrail.core.event;

/**
 * Something that happened, as a record in a sealed family, past tense and whole in itself. Its
 * record components are stored as JSON ({@link EventJson}) and never change their meaning; a new
 * shape is a new record with a new type. An event does not name its subject: {@link Emission} and
 * the stored header do.
 */
public interface Event {}
