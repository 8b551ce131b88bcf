/**
 * The differ {@code diff.tar}: unpacks layers (OCI image specification, {@code layer.md}) into
 * snapshots. Layers are hostile input.
 */
package dev.taffrail.snapshotter.diff;
