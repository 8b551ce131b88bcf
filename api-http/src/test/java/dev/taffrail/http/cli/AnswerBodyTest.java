package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerBodyTest {
  private static InputStream connection(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(InputStream body) throws IOException {
    return new String(body.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void chunksArePutTogetherUpToTheLastOne() throws IOException {
    InputStream connection =
        connection("4\r\nWiki\r\n6;name=value\r\npedia \r\nA\r\nin\r\n\r\nchun\r\n0\r\n\r\nnext");
    assertThat(text(AnswerBody.chunked(connection))).isEqualTo("Wikipedia in\r\n\r\nchun");
    assertThat(text(connection)).isEqualTo("next");
  }

  @Test
  void trailersAreLeftOut() throws IOException {
    assertThat(text(AnswerBody.chunked(connection("1\r\nx\r\n0\r\nExpires: now\r\n\r\n"))))
        .isEqualTo("x");
  }

  @Test
  void aCutAnswerIsNoAnswer() {
    assertThatThrownBy(() -> text(AnswerBody.chunked(connection("5\r\nabc"))))
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> text(AnswerBody.chunked(connection("3\r\nabc\r\n"))))
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> text(AnswerBody.ofLength(connection("abc"), 4)))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void whatIsNoChunkIsRefused() {
    assertThatThrownBy(() -> text(AnswerBody.chunked(connection("zz\r\nabc"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("zz");
  }

  @Test
  void aLengthEndsTheBody() throws IOException {
    InputStream connection = connection("abcdef");
    assertThat(text(AnswerBody.ofLength(connection, 4))).isEqualTo("abcd");
    assertThat(text(AnswerBody.upToTheEnd(connection))).isEqualTo("ef");
    assertThat(text(AnswerBody.ofLength(connection(""), 0))).isEmpty();
  }

  @Test
  void linesMayHoldAnything() throws IOException {
    assertThat(AnswerBody.line(connection("naïve\r\nx"))).isEqualTo("naïve");
    assertThat(AnswerBody.line(connection("\n"))).isEmpty();
  }
}
