package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.parsetools.RecordParser;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A daemon behind {@code unix:///path} or {@code tcp://host:port}. Every method blocks. */
final class Remote implements AutoCloseable {
  private static final int WINDOW = 256;

  private final String host;
  private final SocketAddress address;
  private final Vertx vertx;
  private final HttpClient client;

  /** Asks for another line of the answer being read. */
  private volatile Runnable more = () -> {};

  private Remote(String host, SocketAddress address) {
    this.host = host;
    this.address = address;
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(5000));
  }

  /** INVALID_ARGUMENT for another kind of URL. */
  static Remote connect(String host) {
    URI url = URI.create(host);
    if ("unix".equals(url.getScheme())) {
      return new Remote(host, SocketAddress.domainSocketAddress(url.getPath()));
    }
    if ("tcp".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
      return new Remote(host, SocketAddress.inetSocketAddress(url.getPort(), url.getHost()));
    }
    throw new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Cannot connect to " + host + ": expected unix:///path or tcp://host:port");
  }

  JsonNode get(String path) {
    return body(HttpMethod.GET, path);
  }

  JsonNode post(String path) {
    return body(HttpMethod.POST, path);
  }

  private JsonNode body(HttpMethod method, String path) {
    return parse(await(send(method, path).compose(HttpClientResponse::body)));
  }

  private Future<HttpClientResponse> send(HttpMethod method, String path) {
    return client
        .request(
            new RequestOptions()
                .setServer(address)
                .setHost("localhost")
                .setMethod(method)
                .setURI(path))
        .recover(
            cause ->
                Future.failedFuture(
                    new RuntimeFailure(
                        Kind.UNAVAILABLE,
                        "Cannot connect to the Taffrail daemon at "
                            + host
                            + ". Is it running? ("
                            + (cause.getMessage() == null ? cause : cause.getMessage())
                            + ")",
                        cause)))
        .compose(request -> request.send())
        .compose(
            response ->
                response.statusCode() < 300
                    ? Future.succeededFuture(response)
                    : response
                        .body()
                        .compose(
                            body ->
                                Future.failedFuture(
                                    new RuntimeFailure(
                                        Kind.FAILED_PRECONDITION,
                                        parse(body).path("message").asText(body.toString())))));
  }

  /** Calls {@code consumer} on this thread for each line until the answer ends. */
  void lines(String path, Consumer<String> consumer) {
    BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    Throwable[] failure = new Throwable[1];
    HttpClientResponse response =
        await(
            send(HttpMethod.GET, path)
                .onSuccess(
                    answer -> {
                      RecordParser parser = RecordParser.newDelimited("\n", answer);
                      parser.pause().fetch(WINDOW);
                      parser.handler(line -> lines.add(Optional.of(line.toString())));
                      parser.exceptionHandler(
                          cause -> {
                            failure[0] = cause;
                            lines.add(Optional.empty());
                          });
                      parser.endHandler(end -> lines.add(Optional.empty()));
                      more = () -> parser.fetch(1);
                    }));
    try {
      Optional<String> line = lines.take();
      while (line.isPresent()) {
        consumer.accept(line.get());
        vertx.runOnContext(now -> more.run());
        line = lines.take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      response.request().reset();
    }
    if (failure[0] != null) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE, "The daemon closed the connection: " + failure[0].getMessage());
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.CANCELLED, "Interrupted", e);
    }
  }

  private static JsonNode parse(Buffer body) {
    try {
      return EventJson.mapper().readTree(body.getBytes());
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "The daemon's answer is not JSON: " + body, e);
    }
  }

  /** For people. */
  static String message(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  @Override
  public void close() {
    vertx.close();
  }
}
