/**
 * The network drivers {@code macvlan} and {@code ipvlan}: links on a link of this host, through
 * which containers are on the network that the host is on.
 */
package dev.taffrail.network.macvlan;
