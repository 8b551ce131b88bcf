/**
 * The content store {@code content.local}: blobs in an OCI image layout, and ingests beside them. A
 * blob is on disk under its verified digest before the event that names it.
 */
package dev.taffrail.content;
