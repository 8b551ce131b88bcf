/**
 * Images: a configuration, whose digest is the image's id, a manifest, layers, and the references
 * that name them. Shapes follow the OCI image specification (config.md, manifest.md).
 */
package dev.taffrail.core.image;
