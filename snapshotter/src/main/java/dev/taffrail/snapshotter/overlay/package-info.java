/**
 * The snapshotter {@code snapshot.overlay}: each snapshot is a directory {@code snapshots/<n>} with
 * {@code fs} and, when writable, {@code work}, put together by overlayfs.
 */
package dev.taffrail.snapshotter.overlay;
