/**
 * Content-addressed blobs. An <em>ingest</em> is a blob being written, known by a reference; a
 * commit verifies its digest and makes it a blob, known by that digest and never changed again.
 * Rules as in containerd's content store.
 */
package dev.taffrail.core.content;
