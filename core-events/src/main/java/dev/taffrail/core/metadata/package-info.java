/**
 * The ordered key-value store below the event log: column families, atomic batches, snapshots. The
 * only package that knows RocksDB; it owns every native handle and guards it against use after
 * close, which would end the JVM.
 */
package dev.taffrail.core.metadata;
