package dev.taffrail.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** HTTP by hand over one connection, to see exactly what is on the wire and when. */
final class Client implements AutoCloseable {
  private final SocketChannel channel;
  private final InputStream input;

  /** An answer. */
  record Answer(String statusLine, Map<String, String> headers, String body) {
    int status() {
      return Integer.parseInt(statusLine.substring(9, 12));
    }

    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(body);
    }

    String message() throws IOException {
      return json().path("message").asText();
    }
  }

  Client(Path socket) throws IOException {
    this(SocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socket));
  }

  Client(int port) throws IOException {
    this(SocketChannel.open(), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private Client(SocketChannel channel, SocketAddress address) throws IOException {
    this.channel = channel;
    channel.connect(address);
    input = Channels.newInputStream(channel);
  }

  Answer get(String path) throws IOException {
    return ask("GET", path, "");
  }

  Answer ask(String method, String path, String body, String... headers) throws IOException {
    send(method, path, body, headers);
    return answer(method);
  }

  void send(String method, String path, String body, String... headers) throws IOException {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: docker\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (!body.isEmpty()) {
      head.append("Content-Type: application/json\r\nContent-Length: ")
          .append(body.getBytes(StandardCharsets.UTF_8).length)
          .append("\r\n");
    }
    write(head.append("\r\n").append(body).toString());
  }

  void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  /** Status line and headers only. */
  Answer head() throws IOException {
    String status = line();
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return new Answer(status, headers, "");
  }

  private Answer answer(String method) throws IOException {
    Answer head = head();
    String length = head.headers().get("Content-Length");
    String body = "";
    if (method.equals("HEAD") || head.status() == 204 || head.status() == 304) {
      body = "";
    } else if (length != null) {
      body = new String(input.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
    } else if ("chunked".equals(head.headers().get("Transfer-Encoding"))) {
      StringBuilder all = new StringBuilder();
      for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        all.append(chunk);
      }
      body = all.toString();
    }
    return new Answer(head.statusLine(), head.headers(), body);
  }

  /** The next chunk of a chunked answer; empty at its end. */
  String chunk() throws IOException {
    int length = Integer.parseInt(line(), 16);
    String data = new String(input.readNBytes(length), StandardCharsets.ISO_8859_1);
    line();
    return data;
  }

  byte[] readAll() throws IOException {
    return input.readAllBytes();
  }

  byte[] read(int length) throws IOException {
    return input.readNBytes(length);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = input.read(); next != '\n'; next = input.read()) {
      if (next < 0) {
        throw new IOException("The connection ended inside a line: " + line);
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
