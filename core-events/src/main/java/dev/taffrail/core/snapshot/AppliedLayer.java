package dev.taffrail.core.snapshot;

import dev.taffrail.core.content.Digest;

/**
 * A layer that was unpacked.
 *
 * @param diffId digest of the uncompressed layer
 * @param size bytes of its regular files
 */
public record AppliedLayer(Digest diffId, long size, long entries) {}
