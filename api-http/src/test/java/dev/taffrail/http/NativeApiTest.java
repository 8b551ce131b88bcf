package dev.taffrail.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.RocksStore;
import dev.taffrail.testkit.log.Harbour;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code /taffrail/v1} over a real log. */
@Timeout(120)
class NativeApiTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path directory;
  private Harbour harbour;
  private LiveLog api;
  private Path socket;

  @BeforeEach
  void start() throws Exception {
    harbour = Harbour.open(Harbour.settings(directory.resolve("log"), LogMode.RELAXED));
    api = new LiveLog(directory, harbour.log());
    socket = api.socket();
  }

  @AfterEach
  void stop() throws Exception {
    api.close();
    harbour.close();
  }

  private void append(int count) {
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(harbour.log().submit(Harbour.toggle("b" + i % 40, "s" + i % 40)));
      if (answers.size() == 200) {
        answers.forEach(CompletableFuture::join);
        answers.clear();
      }
    }
    answers.forEach(CompletableFuture::join);
  }

  /** The events in the chunks of an answer that may have been cut anywhere. */
  private static List<JsonNode> events(byte[] answer) {
    List<JsonNode> events = new ArrayList<>();
    for (String line : new String(answer, UTF_8).lines().toList()) {
      try {
        JsonNode json = MAPPER.readTree(line);
        if (json.has("sequence")) {
          events.add(json);
        }
      } catch (JsonProcessingException e) {
        // The length of a chunk, or the line in which the connection ended.
        assertThat(line).doesNotEndWith("}");
      }
    }
    return events;
  }

  private static List<Long> sequences(List<JsonNode> events) {
    return events.stream().map(event -> event.get("sequence").asLong()).toList();
  }

  @Test
  void aFollowerThatDoesNotReadIsDisconnectedAndResumesWithoutGapOrDuplicate() throws Exception {
    List<JsonNode> before;
    try (Client client = new Client(socket)) {
      client.send("GET", "/taffrail/v1/events?follow=1", "");
      assertThat(client.head().status()).isEqualTo(200);
      append(8000);
      before = events(client.readAll());
    }
    assertThat(before).hasSizeBetween(1, 7000);
    String cursor = before.get(before.size() - 1).get("cursor").asText();
    List<Long> seen = new ArrayList<>(sequences(before));
    try (Client client = new Client(socket)) {
      String rest = client.get("/taffrail/v1/events?from=" + cursor).body();
      seen.addAll(sequences(events(rest.getBytes(UTF_8))));
    }
    assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 8001).boxed().toList());
  }

  @Test
  void aReadOfStateSaysItsOffsetAndWatchingGoesOnFromThere() throws Exception {
    harbour.take("b1", "Argo");
    try (Client client = new Client(socket)) {
      JsonNode rows = client.get("/taffrail/v1/state/berths").json();
      assertThat(rows.get("rows")).hasSize(1);
      assertThat(rows.get("cursor").asText()).isEqualTo(harbour.log().head().toString());
      JsonNode row = client.get("/taffrail/v1/state/berths/default/b1").json();
      assertThat(row.get("cursor")).isEqualTo(rows.get("cursor"));
      harbour.take("b2", "Fram");
      String after = client.get("/taffrail/v1/events?from=" + rows.get("cursor").asText()).body();
      assertThat(sequences(events(after.getBytes(UTF_8)))).containsExactly(3L);
      JsonNode then =
          client.get("/taffrail/v1/state/berths?at=" + rows.get("cursor").asText()).json();
      assertThat(then.get("rows")).hasSize(1);
    }
  }

  @Test
  void cursorsThatCannotServeAreRefusedWithWhatTheLogHas() throws Exception {
    try (Client client = new Client(socket)) {
      Client.Answer above = client.get("/taffrail/v1/events?from=1-99");
      assertThat(above.status()).isEqualTo(400);
      assertThat(client.get("/taffrail/v1/events?from=soon").status()).isEqualTo(400);
      assertThat(client.get("/taffrail/v1/events?follow=1&from=1-99").status()).isEqualTo(400);
    }
    append(20);
    stop();
    loseEvents(1, 5);
    start();
    try (Client client = new Client(socket)) {
      for (String path :
          List.of(
              "events?from=1-3",
              "events?follow=1&from=1-3",
              "state/berths?at=1-3",
              // Lost with the epoch, whatever has that sequence now.
              "trace/1-22",
              "diff?from=1-22",
              "history/berths/b19?from=1-22",
              "history/berths/nosuch?at=1-22",
              "blame/berths/nosuch?at=1-22")) {
        Client.Answer gone = client.get("/taffrail/v1/" + path);
        assertThat(gone.status()).as(path).isEqualTo(410);
        assertThat(gone.json().get("oldest").asText()).isEqualTo("6");
        assertThat(gone.json().get("head").asText())
            .isEqualTo(harbour.log().head().toString())
            .startsWith("2-");
      }
      Client.Answer redact =
          client.ask("POST", "/taffrail/v1/events/1-22/redact", "{\"reason\":\"x\"}");
      assertThat(redact.status()).as(redact.body()).isEqualTo(410);
      assertThat(client.get("/taffrail/v1/trace/9-21").status()).isEqualTo(400);
      assertThat(client.get("/taffrail/v1/trace/2-21").status()).isEqualTo(200);
      assertThat(client.get("/taffrail/v1/trace/21").status()).isEqualTo(200);
      String all = client.get("/taffrail/v1/events").body();
      assertThat(sequences(events(all.getBytes(UTF_8)))).startsWith(6L, 7L);
    }
  }

  @Test
  void eventsBeginAfterAMoment() throws Exception {
    append(20);
    try (Client client = new Client(socket)) {
      for (String from : List.of("1-10", "10", time(10))) {
        String some = client.get("/taffrail/v1/events?limit=3&from=" + from).body();
        assertThat(sequences(events(some.getBytes(UTF_8)))).as(from).containsExactly(11L, 12L, 13L);
      }
      assertThat(events(client.get("/taffrail/v1/events?from=head").body().getBytes(UTF_8)))
          .isEmpty();
      assertThat(client.get("/taffrail/v1/events?from=99").status()).isEqualTo(400);
    }
  }

  private String time(long sequence) {
    return harbour.log().find(sequence).orElseThrow().header().time().toString();
  }

  @Test
  void namesWithNulAreRefused() throws Exception {
    append(3);
    try (Client client = new Client(socket)) {
      for (String path :
          List.of(
              "state/berths/b0%00",
              "state/berths?prefix=%00",
              "state/berths?namespace=%00",
              "history/berths/b0%00",
              "history/b%00",
              "history/berths%00/b0",
              "blame/berths/b0%00?row=1",
              "diff?from=1&object=berths/%00")) {
        Client.Answer refused = client.get("/taffrail/v1/" + path);
        assertThat(refused.status()).as(path + ": " + refused.body()).isEqualTo(400);
      }
    }
  }

  @Test
  void aRedactionThatIsNotUnderstoodDestroysNothing() throws Exception {
    append(3);
    try (Client client = new Client(socket)) {
      for (String body :
          List.of(
              "",
              "no",
              "[]",
              "{}",
              "{\"reason\":\" \"}",
              "{\"reason\":7}",
              "{\"reason\":\"x\",\"fields\":\"a\"}",
              "{\"reason\":\"x\",\"fields\":null}",
              "{\"reason\":\"x\",\"fields\":{}}",
              "{\"reason\":\"x\",\"fields\":[7]}",
              "{\"reason\":\"x\",\"fields\":[\"cargo\"]}",
              "{\"reason\":\"x\",\"fields\":[\"/nosuch\"]}",
              "{\"reason\":\"x\",\"field\":[\"/cargo\"]}",
              "{\"reason\":\"x\",\"fields\":[\"/cargo\"],\"fields\":[]}",
              "{\"reason\":\"x\"} {\"fields\":[\"/cargo\"]}")) {
        Client.Answer refused = redact("3", body);
        assertThat(refused.status()).as(body + ": " + refused.body()).isEqualTo(400);
      }
      String all = "{\"reason\":\"x\"}";
      for (String event : List.of("abc-3", "-3", "1-3-1", "head", "7-3", "99999999999999999999")) {
        Client.Answer refused = client.ask("POST", "/taffrail/v1/events/" + event + "/redact", all);
        assertThat(refused.status()).as(event + ": " + refused.body()).isEqualTo(400);
      }
      assertThat(harbour.log().find(3).orElseThrow().payload()).isPresent();
      Client.Answer done = client.ask("POST", "/taffrail/v1/events/1-3/redact", all);
      assertThat(done.status()).as(done.body()).isEqualTo(200);
      assertThat(done.json().at("/redacted/fields").toString()).isEqualTo("[\"/cargo\"]");
      assertThat(harbour.log().find(3).orElseThrow().payload()).isEmpty();
    }
  }

  /** On a connection of its own, of which is not known yet who asks. */
  private Client.Answer redact(String event, String body) throws Exception {
    try (Client client = new Client(socket)) {
      return client.ask("POST", "/taffrail/v1/events/" + event + "/redact", body);
    }
  }

  private void loseEvents(long from, long to) {
    try (RocksStore store = RocksStore.open(directory.resolve("log").resolve("db"));
        Batch batch = store.newBatch()) {
      for (long sequence = from; sequence <= to; sequence++) {
        batch.delete(ColumnFamily.EVENTS, Bytes.u64(sequence));
      }
      store.write(batch, true);
    }
  }
}
