package dev.taffrail.http.server;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the daemon's listeners and closes them again. */
public final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final int MAX_LINE_BYTES = 64 * 1024;
  private static final int MAX_HEADER_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final Peers peers;
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<UnixSocketFile> files = new ArrayList<>();

  public Listeners(Vertx vertx, Peers peers) {
    this.vertx = vertx;
    this.peers = peers;
  }

  /**
   * Listens on all {@code hosts} and hands requests to {@code router}; fails with what {@link
   * ListenAddress#parse} and {@link UnixSocketFile#prepare} say, having closed what was open.
   *
   * @param hosts as dockerd's {@code -H}
   * @param group owns the unix sockets
   */
  public Future<Void> open(List<String> hosts, Optional<String> group, Router router) {
    List<ListenAddress> addresses;
    try {
      addresses = hosts.stream().map(ListenAddress::parse).toList();
    } catch (RuntimeFailure e) {
      return Future.failedFuture(e);
    }
    Future<Void> all = Future.succeededFuture();
    for (ListenAddress address : addresses) {
      all = all.compose(done -> open(address, group, router));
    }
    return all.recover(cause -> close().transform(closed -> Future.failedFuture(cause)));
  }

  private Future<Void> open(ListenAddress address, Optional<String> group, Router router) {
    return address instanceof ListenAddress.Unix unix
        ? openUnix(new UnixSocketFile(unix.path()), group, router)
        : openLoopback((ListenAddress.Loopback) address, router);
  }

  private Future<Void> openUnix(UnixSocketFile file, Optional<String> group, Router router) {
    if (!vertx.isNativeTransportEnabled()) {
      // Without it a client's half-close ends the whole connection, and late output is lost.
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.FAILED_PRECONDITION,
              "Cannot listen on "
                  + file.path()
                  + ": Netty's native epoll transport is missing or switched off",
              vertx.unavailableNativeTransportCause()));
    }
    HttpServer server = server(router);
    return vertx
        .<Void>executeBlocking(
            () -> {
              file.prepare();
              return null;
            },
            false)
        .compose(ready -> server.listen(SocketAddress.domainSocketAddress(file.path().toString())))
        .compose(
            bound -> {
              servers.add(server);
              files.add(file);
              return vertx.<Void>executeBlocking(
                  () -> {
                    file.open(group);
                    return null;
                  },
                  false);
            })
        .onSuccess(open -> LOG.info("API on unix://{}", file.path()));
  }

  private Future<Void> openLoopback(ListenAddress.Loopback address, Router router) {
    Router guarded = Router.router(vertx);
    guarded.route().order(Integer.MIN_VALUE).handler(new BrowserGuard());
    guarded.route().subRouter(router);
    HttpServer server = server(guarded);
    return server
        .listen(address.port(), address.host())
        .onSuccess(
            bound -> {
              servers.add(server);
              LOG.warn(
                  "API on tcp://{}:{} in plain text, for anybody on this host",
                  address.host(),
                  bound.actualPort());
            })
        .mapEmpty();
  }

  private HttpServer server(Router router) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setHandle100ContinueAutomatically(true)
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setIdleTimeout(0);
    return vertx
        .createHttpServer(options)
        .connectionHandler(peers::learn)
        .exceptionHandler(cause -> LOG.debug("A connection broke", cause))
        .requestHandler(router);
  }

  /** The ports of the TCP listeners, in the order they were opened. */
  public List<Integer> ports() {
    return servers.stream().map(HttpServer::actualPort).filter(port -> port > 0).toList();
  }

  /** Closes every listener and its connections, and removes the sockets' files. */
  public Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    for (HttpServer server : servers) {
      closing.add(server.close());
    }
    servers.clear();
    List<UnixSocketFile> removed = List.copyOf(files);
    files.clear();
    Future<?> closed = closing.isEmpty() ? Future.succeededFuture() : Future.join(closing);
    return closed
        .otherwiseEmpty()
        .compose(
            done ->
                vertx.executeBlocking(
                    () -> {
                      removed.forEach(UnixSocketFile::remove);
                      return null;
                    },
                    false));
  }

  /** The Netty context behind {@code connection}. */
  static ChannelHandlerContext channel(io.vertx.core.http.HttpConnection connection) {
    return ((io.vertx.core.http.impl.Http1xServerConnection) connection).channelHandlerContext();
  }
}
