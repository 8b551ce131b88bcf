package dev.taffrail.testkit.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * HTTP to a daemon's unix socket, a connection for each request. Unlike a command it costs no
 * process, and an answer that was cut off by the daemon's death is an IOException.
 */
public final class ApiClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEADER_LIMIT = 65_536;

  private final Path socket;

  ApiClient(Path socket) {
    this.socket = socket;
  }

  /** A whole answer. */
  public static final class Answer {
    private final int status;
    private final byte[] body;

    private Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }

    public int status() {
      return status;
    }

    public byte[] body() {
      return body;
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public JsonNode json() throws IOException {
      return JSON.readTree(body);
    }

    /** One document a line. */
    public List<JsonNode> lines() throws IOException {
      List<JsonNode> documents = new ArrayList<>();
      for (String line : text().split("\n", -1)) {
        if (!line.isEmpty()) {
          documents.add(JSON.readTree(line));
        }
      }
      return documents;
    }
  }

  /** IOException when the daemon is not there, or dies before the answer is whole. */
  public Answer get(String path) throws IOException {
    return send("GET", path, new byte[0]);
  }

  /** As {@link #get}; a body that begins with a brace is sent as JSON, any other as an archive. */
  public Answer send(String method, String path, byte[] body) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      boolean connected = channel.connect(UnixDomainSocketAddress.of(socket));
      assert connected : "a blocking connect returned early";
      OutputStream out = Channels.newOutputStream(channel);
      out.write(head(method, path, body).getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      out.flush();
      return answer(Channels.newInputStream(channel));
    }
  }

  private static String head(String method, String path, byte[] body) {
    String type = body.length > 0 && body[0] != '{' ? "application/x-tar" : "application/json";
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: taffrail\r\nConnection: close\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + body.length
        + "\r\n\r\n";
  }

  private static Answer answer(InputStream stream) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    stream.transferTo(all);
    InputStream in = new ByteArrayInputStream(all.toByteArray());
    int status = Integer.parseInt(line(in).split(" ", 3)[1]);
    boolean chunked = false;
    long length = -1;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      String lower = header.toLowerCase(Locale.ROOT);
      chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(lower.indexOf(':') + 1).strip());
      }
    }
    byte[] body = chunked ? chunks(in) : in.readAllBytes();
    if (length > body.length) {
      throw new EOFException("The answer has " + body.length + " of " + length + " bytes");
    }
    return new Answer(status, body);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in), 16);
      byte[] chunk = in.readNBytes(size);
      if (chunk.length < size) {
        throw new EOFException("The answer ends inside a chunk");
      }
      body.writeBytes(chunk);
      line(in);
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.size() > HEADER_LIMIT) {
        throw new EOFException("The answer is cut off");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }
}
