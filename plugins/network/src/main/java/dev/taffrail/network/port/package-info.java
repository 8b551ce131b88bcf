/** Sockets of the daemon at published ports, whichever driver leads them to containers. */
package dev.taffrail.network.port;
