/** The network driver {@code bridge}: bridges, pairs of links, and rules of nf_tables. */
package dev.taffrail.network.bridge;
