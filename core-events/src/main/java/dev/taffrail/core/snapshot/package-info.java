/**
 * Layered file systems. A snapshot is active (writable, has a key), a view (read-only, has a key)
 * or committed (frozen, has a name); keys and names share one space. Rules as in containerd's
 * snapshotter contract. A {@link dev.taffrail.core.snapshot.LayerDiffer} puts a layer into an
 * active snapshot.
 */
package dev.taffrail.core.snapshot;
