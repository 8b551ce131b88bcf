package dev.taffrail.network.dns;

import static io.netty.handler.codec.dns.DnsRecordType.A;
import static io.netty.handler.codec.dns.DnsRecordType.AAAA;
import static io.netty.handler.codec.dns.DnsRecordType.MX;
import static io.netty.handler.codec.dns.DnsRecordType.PTR;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the queries of one container, on its event loop alone. What is answered here and what is
 * forwarded is as moby 28.2 has it (libnetwork's resolver): addresses and reverse names that the
 * networks know; MX of a known name, with nothing, so that mail goes to its address (RFC 5321,
 * section 5.1); any other type is somebody else's.
 */
final class Resolver {
  private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

  private final Names names;
  private final InetAddress own;
  private final Exchange.Means means;
  private final Capacity capacity;
  private final Set<Exchange> exchanges = new HashSet<>();
  private volatile Forwarding forwarding;
  private boolean closed;

  /**
   * For one container.
   *
   * @param own the address it asks, which it is not sent back to
   */
  Resolver(Names names, InetAddress own, Exchange.Means means, Capacity capacity) {
    this.names = names;
    this.own = own;
    this.means = means;
    this.capacity = capacity;
  }

  void forward(Forwarding changed) {
    forwarding = changed;
  }

  EventLoop loop() {
    return means.loop();
  }

  /** Answers now or later, once or, to what is no query, never. */
  void resolve(byte[] packet, boolean stream, Consumer<byte[]> client) {
    if (closed || !Query.isAnswerable(packet)) {
      return;
    }
    Query query;
    try {
      query = Query.parse(packet);
    } catch (Query.Malformed e) {
      LOG.debug("A packet of {} bytes is no query: {}", packet.length, e.code());
      client.accept(Replies.malformed(packet, e.code()));
      return;
    }
    Optional<byte[]> reply;
    try {
      reply = own(query, stream);
    } catch (RuntimeException e) {
      LOG.warn("Cannot look up {} ({})", query.name().orElse("?"), query.type(), e);
      reply = Optional.of(Replies.failure(query, DnsResponseCode.SERVFAIL));
    }
    if (reply.isPresent()) {
      client.accept(reply.get());
    } else {
      forward(query, stream, client);
    }
  }

  private Optional<byte[]> own(Query query, boolean stream) {
    if (query.name().isEmpty() || !query.isInternet()) {
      return Optional.empty();
    }
    String name = query.name().get();
    int type = query.type();
    Optional<byte[]> reply;
    if (type == A.intValue() || type == AAAA.intValue() || type == MX.intValue()) {
      DnsRecordType answered = DnsRecordType.valueOf(type);
      Optional<List<InetAddress>> addresses = names.addresses(name);
      if (addresses.isEmpty()
          && type != MX.intValue()
          && forwarding.ndotsSet()
          && !name.contains(".")) {
        addresses = Optional.of(List.of());
      }
      reply = addresses.map(all -> Replies.success(query, answered, ofType(all, answered), stream));
    } else if (type == PTR.intValue()) {
      reply =
          ReverseName.parse(name)
              .flatMap(names::name)
              .flatMap(Replies::encodeName)
              .map(known -> Replies.success(query, PTR, List.of(known), stream));
    } else {
      return Optional.empty();
    }
    return query.ednsVersion() == 0
        ? reply
        : reply.map(known -> Replies.failure(query, DnsResponseCode.BADVERS_OR_BADSIG));
  }

  /** Shuffled, so that clients spread over all who have the name. */
  private static List<byte[]> ofType(List<InetAddress> addresses, DnsRecordType type) {
    int size = type.equals(A) ? 4 : type.equals(AAAA) ? 16 : 0;
    List<byte[]> data = new ArrayList<>();
    for (InetAddress address : addresses) {
      byte[] bytes = address.getAddress();
      if (bytes.length == size) {
        data.add(bytes);
      }
    }
    Collections.shuffle(data, ThreadLocalRandom.current());
    return data;
  }

  private void forward(Query query, boolean stream, Consumer<byte[]> client) {
    if (!capacity.take()) {
      client.accept(Replies.failure(query, DnsResponseCode.REFUSED));
      return;
    }
    Exchange exchange =
        new Exchange(
            query,
            stream,
            servers(),
            means,
            (ended, reply) -> {
              exchanges.remove(ended);
              capacity.giveBack();
              client.accept(reply);
            });
    exchanges.add(exchange);
    exchange.next();
  }

  private Iterator<Upstream> servers() {
    Forwarding current = forwarding;
    return current.upstream().stream()
        .filter(server -> server.fromHost() || !server.address().getAddress().equals(own))
        .limit(Forwarding.MAX_SERVERS)
        .filter(server -> current.external() || !server.fromHost())
        .iterator();
  }

  /** Ends what is under way; nobody is told. */
  void close() {
    closed = true;
    exchanges.forEach(
        exchange -> {
          exchange.cancel();
          capacity.giveBack();
        });
    exchanges.clear();
  }
}
