package dev.taffrail.http.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An HTTP/1.1 answer on a connection of its own. It loads nothing but the JDK: a client library
 * would take longer to start than most commands take.
 */
final class HttpAnswer implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MILLIS = 5000;
  private static final int BUFFER = 64 * 1024;

  private final SocketChannel channel;
  private final int status;
  private final InputStream body;

  private HttpAnswer(SocketChannel channel, int status, InputStream body) {
    this.channel = channel;
    this.status = status;
    this.body = body;
  }

  /** An open connection; IOException when nobody listens. */
  static SocketChannel connect(SocketAddress address) throws IOException {
    if (address instanceof UnixDomainSocketAddress) {
      return SocketChannel.open(address);
    }
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(address, CONNECT_TIMEOUT_MILLIS);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Sends a request without a body, and reads the head of the answer. */
  static HttpAnswer of(SocketChannel channel, String method, String path) throws IOException {
    return of(channel, method, path, "");
  }

  /** Sends a request with a body of JSON, and reads the head of the answer. */
  static HttpAnswer of(SocketChannel channel, String method, String path, String json)
      throws IOException {
    byte[] content = json.getBytes(StandardCharsets.UTF_8);
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
            + content.length
            + "\r\n\r\n";
    byte[] start = head.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(start.length + content.length);
    bytes.put(start).put(content).flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
    int status = status(AnswerBody.line(in));
    Map<String, String> headers = new TreeMap<>();
    String line = AnswerBody.line(in);
    while (!line.isEmpty()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      line = AnswerBody.line(in);
    }
    return new HttpAnswer(channel, status, body(in, status, headers));
  }

  private static int status(String line) throws IOException {
    String[] words = line.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[0-9]{3}")) {
      throw new IOException("not an HTTP answer: " + line);
    }
    return Integer.parseInt(words[1]);
  }

  private static InputStream body(InputStream in, int status, Map<String, String> headers)
      throws IOException {
    if (status == 204) {
      return InputStream.nullInputStream();
    }
    if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      return AnswerBody.chunked(in);
    }
    String length = headers.get("content-length");
    if (length == null) {
      return AnswerBody.upToTheEnd(in);
    }
    try {
      return AnswerBody.ofLength(in, Long.parseLong(length));
    } catch (NumberFormatException e) {
      throw new IOException("not a length: " + length, e);
    }
  }

  int status() {
    return status;
  }

  InputStream body() {
    return body;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
