/**
 * Keeps images: imports root file systems, names images and removes them. Content and unpacked
 * layers come first, then the event that names them; what no image names is taken away.
 */
package dev.taffrail.images;
