package dev.taffrail.core.container;

import java.nio.file.Path;

/**
 * A container as it is now.
 *
 * @param log where its output is
 */
public record ContainerView(
    String id, ContainerSpecification specification, ContainerStatus status, Path log) {}
