package dev.taffrail.core.task;

/**
 * A host device in the container.
 *
 * @param access letters of {@code rwm}
 */
public record DeviceMapping(String hostPath, String containerPath, String access) {}
