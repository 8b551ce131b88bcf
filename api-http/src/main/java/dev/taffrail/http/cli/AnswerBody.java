package dev.taffrail.http.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The body of an HTTP/1.1 answer: in chunks, of a known length, or up to the end (RFC 9112, 6). */
final class AnswerBody extends InputStream {
  private static final int UP_TO_THE_END = -1;

  private final InputStream connection;
  private final boolean chunked;

  /** Bytes left of the chunk or of the body. */
  private long left;

  private boolean ended;

  private AnswerBody(InputStream connection, boolean chunked, long left) {
    this.connection = connection;
    this.chunked = chunked;
    this.left = left;
  }

  static AnswerBody chunked(InputStream connection) {
    return new AnswerBody(connection, true, 0);
  }

  static AnswerBody ofLength(InputStream connection, long length) {
    return new AnswerBody(connection, false, length);
  }

  static AnswerBody upToTheEnd(InputStream connection) {
    return new AnswerBody(connection, false, UP_TO_THE_END);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (chunked && left == 0 && !ended) {
      nextChunk();
    }
    if (ended || left == 0) {
      return -1;
    }
    int wanted = left == UP_TO_THE_END ? length : (int) Math.min(length, left);
    int read = connection.read(target, offset, wanted);
    if (read < 0) {
      if (left != UP_TO_THE_END) {
        throw new EOFException("the answer is cut");
      }
      ended = true;
      return -1;
    }
    if (left != UP_TO_THE_END) {
      left -= read;
      if (chunked && left == 0) {
        line(connection);
      }
    }
    return read;
  }

  /** What has come already can be read without waiting. */
  @Override
  public int available() throws IOException {
    return ended || left <= 0 ? 0 : (int) Math.min(left, connection.available());
  }

  private void nextChunk() throws IOException {
    String size = line(connection).split(";", 2)[0].strip();
    try {
      left = Long.parseLong(size, 16);
    } catch (NumberFormatException e) {
      throw new IOException("not the size of a chunk: " + size, e);
    }
    if (left == 0) {
      ended = true;
      String trailer = line(connection);
      while (!trailer.isEmpty()) {
        trailer = line(connection);
      }
    }
  }

  /** A line without its end; EOFException when the connection ends within it. */
  static String line(InputStream connection) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = connection.read();
    while (next != '\n') {
      if (next < 0) {
        throw new EOFException("the answer is cut");
      }
      line.append((char) next);
      next = connection.read();
    }
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') {
      line.setLength(length - 1);
    }
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
