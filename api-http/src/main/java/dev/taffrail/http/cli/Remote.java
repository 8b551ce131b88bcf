package dev.taffrail.http.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A daemon behind {@code unix:///path} or {@code tcp://host:port}. Every method blocks. */
final class Remote implements AutoCloseable {
  private static final String UNIX = "unix://";

  private final String host;
  private final SocketAddress address;

  private Remote(String host, SocketAddress address) {
    this.host = host;
    this.address = address;
  }

  /** INVALID_ARGUMENT for another kind of URL. */
  static Remote connect(String host) {
    if (host.startsWith(UNIX + "/")) {
      return new Remote(host, UnixDomainSocketAddress.of(host.substring(UNIX.length())));
    }
    try {
      URI url = URI.create(host);
      if ("tcp".equals(url.getScheme()) && url.getHost() != null && url.getPort() > 0) {
        return new Remote(host, new InetSocketAddress(url.getHost(), url.getPort()));
      }
      throw unknown(host, null);
    } catch (IllegalArgumentException e) {
      throw unknown(host, e);
    }
  }

  private static RuntimeFailure unknown(String host, Throwable cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "Cannot connect to " + host + ": expected unix:///path or tcp://host:port",
        cause);
  }

  String host() {
    return host;
  }

  JsonNode get(String path) {
    return json("GET", path);
  }

  JsonNode post(String path) {
    return json("POST", path);
  }

  JsonNode post(String path, JsonNode content) {
    return json("POST", path, content.toString());
  }

  private JsonNode json(String method, String path) {
    return json(method, path, "");
  }

  private JsonNode json(String method, String path, String content) {
    try (HttpAnswer answer = send(method, path, content)) {
      return parse(text(answer));
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Calls {@code consumer} for each line until the answer ends; what it throws ends the call. */
  void lines(String path, Consumer<String> consumer) {
    try (HttpAnswer answer = send("GET", path, "");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        consumer.accept(line);
        line = lines.readLine();
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Fails with the daemon's message unless the status is one of success. */
  private HttpAnswer send(String method, String path, String content) throws IOException {
    SocketChannel channel = open();
    try {
      HttpAnswer answer = HttpAnswer.of(channel, method, path, content);
      if (answer.status() >= 300) {
        throw refused(answer);
      }
      return answer;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private SocketChannel open() {
    try {
      return HttpAnswer.connect(address);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.UNAVAILABLE,
          "Cannot connect to the Taffrail daemon at "
              + host
              + ". Is it running? ("
              + message(e)
              + ")",
          e);
    }
  }

  private static RuntimeFailure refused(HttpAnswer answer) throws IOException {
    String body = text(answer);
    String message;
    try {
      message = EventJson.mapper().readTree(body).path("message").asText(body);
    } catch (JsonProcessingException e) {
      message = body.isBlank() ? "The daemon answered " + answer.status() : body;
    }
    return new RuntimeFailure(kind(answer.status()), message);
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 400 -> Kind.INVALID_ARGUMENT;
      case 404 -> Kind.NOT_FOUND;
      case 410 -> Kind.GONE;
      case 503 -> Kind.UNAVAILABLE;
      default -> Kind.FAILED_PRECONDITION;
    };
  }

  private static String text(HttpAnswer answer) throws IOException {
    return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static RuntimeFailure broken(IOException e) {
    return new RuntimeFailure(
        Kind.UNAVAILABLE, "The daemon closed the connection: " + message(e), e);
  }

  private static JsonNode parse(String body) {
    try {
      return EventJson.mapper().readTree(body);
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "The daemon's answer is not JSON: " + body, e);
    }
  }

  /** For people. */
  static String message(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  @Override
  public void close() {
    // Each request has a connection of its own.
  }
}
