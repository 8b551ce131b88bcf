package dev.taffrail.core.plugin;

/** The contract of a plugin that others do not call over the bus: kernel ports, listeners. */
public interface NoContract {}
