package dev.taffrail.http.server;

import dev.taffrail.core.event.Actor;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is at the other end of a connection; asked once per connection, when it is made. */
public final class Peers {
  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);
  private static final AttributeKey<Future<Actor>> ACTOR = AttributeKey.valueOf("taffrail.actor");

  /** Somebody on this host, over loopback TCP; nothing more can be known. */
  private static final Actor UNKNOWN = Actor.component("tcp-loopback");

  private final Vertx vertx;

  public Peers(Vertx vertx) {
    this.vertx = vertx;
  }

  void learn(HttpConnection connection) {
    Channel channel = Listeners.channel(connection).channel();
    channel.attr(ACTOR).set(ask(channel));
  }

  /** Never fails. */
  Future<Actor> of(HttpConnection connection) {
    Future<Actor> known = Listeners.channel(connection).channel().attr(ACTOR).get();
    return known == null ? Future.succeededFuture(UNKNOWN) : known;
  }

  private Future<Actor> ask(Channel channel) {
    if (!(channel instanceof EpollDomainSocketChannel socket)) {
      return Future.succeededFuture(UNKNOWN);
    }
    PeerCredentials peer;
    try {
      peer = socket.peerCredentials();
    } catch (IOException e) {
      LOG.warn("Cannot ask for the credentials of a peer", e);
      return Future.succeededFuture(UNKNOWN);
    }
    return vertx.executeBlocking(
        () -> Actor.peer(peer.uid(), peer.gids()[0], peer.pid(), command(peer.pid())), false);
  }

  /** Empty when the process has ended, or lives in a pid namespace that is not ours. */
  private static Optional<String> command(int pid) {
    try {
      return PeerCommand.of(Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cmdline")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
