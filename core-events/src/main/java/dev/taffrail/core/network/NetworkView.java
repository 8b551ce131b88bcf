package dev.taffrail.core.network;

import java.util.List;

/**
 * A network and who is on it.
 *
 * @param endpoints ordered by container id
 */
public record NetworkView(Network network, List<Endpoint> endpoints) {}
