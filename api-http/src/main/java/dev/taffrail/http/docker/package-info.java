/**
 * The Docker Engine API, versions 1.24 to 1.50, as moby 28.2 behaves. Handlers translate: path and
 * body in, one contract call, value out.
 */
package dev.taffrail.http.docker;
