/**
 * The name server that containers on user-defined networks ask, and the files that tell a container
 * whom to ask: resolv.conf and hosts. All as moby 28.2 does it.
 *
 * <p>{@link dev.taffrail.network.dns.NameServer} has two sockets in each container's network
 * namespace and one thread for all of them. What the container's networks know is answered at once
 * ({@code Resolver}); everything else is forwarded byte by byte ({@code Exchange}). Netty's codec
 * makes text of names in a way that cannot be undone (UTF-8, IDNA, dots inside of labels), so
 * packets that are to arrive as they left are read by {@code Query}; types and codes are the
 * codec's, and in the tests it is the other side.
 *
 * <p>RFC 1035 (messages), RFC 2181 (names), RFC 5452 (forged answers), RFC 6891 (EDNS), RFC 7766
 * (TCP), resolv.conf(5), hosts(5).
 */
package dev.taffrail.network.dns;
