package dev.taffrail.core.network;

import java.util.List;

/** A network that was made, and what its maker should know. */
public record CreatedNetwork(String id, List<String> warnings) {}
