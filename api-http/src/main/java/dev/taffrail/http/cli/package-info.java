/** The command {@code taffrail}: asks a daemon over its socket, or a stopped one's directory. */
package dev.taffrail.http.cli;
