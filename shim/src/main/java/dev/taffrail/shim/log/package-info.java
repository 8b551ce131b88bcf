/**
 * Reading container output back from log files in CRI's format: {@code <RFC 3339 time with
 * nanoseconds> stdout|stderr P|F <bytes>}, one record a line, where {@code F} ends a line of the
 * container's and {@code P} does not.
 */
package dev.taffrail.shim.log;
