package dev.taffrail.core.container;

/**
 * The answer to a wait.
 *
 * @param error why it could not be started, or empty
 */
public record ContainerExit(int code, String error) {}
