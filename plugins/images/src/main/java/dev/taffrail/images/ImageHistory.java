package dev.taffrail.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.core.content.BlobReader;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.HistoryEntry;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotKey;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What the configuration document of an image says of how it was made. */
final class ImageHistory {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;
  private final CallContext call;
  private final Image image;

  ImageHistory(Store store, CallContext call, Image image) {
    this.store = store;
    this.call = call;
    this.image = image;
  }

  /** The last step first; DATA_LOSS when the document does not match the image. */
  Future<List<HistoryEntry>> read() {
    return store
        .content
        .open(call, image.id())
        .compose(blob -> store.blocking(() -> document(blob)).onComplete(read -> blob.close()))
        .compose(this::entries);
  }

  private static JsonNode document(BlobReader blob) throws IOException {
    return JSON.readTree(Channels.newInputStream(blob.channel()));
  }

  private Future<List<HistoryEntry>> entries(JsonNode document) {
    List<SnapshotKey> layers = Layers.chainIds(image);
    List<Future<HistoryEntry>> entries = new ArrayList<>();
    int next = 0;
    for (JsonNode step : document.path("history")) {
      if (step.path("empty_layer").asBoolean()) {
        entries.add(Future.succeededFuture(entry(step, 0)));
        continue;
      }
      if (next == layers.size()) {
        return Future.failedFuture(
            new RuntimeFailure(
                Kind.DATA_LOSS,
                "The history of " + image.id() + " has more layers than the image"));
      }
      entries.add(
          store
              .snapshotter(image.snapshotter())
              .usage(call, layers.get(next))
              .map(size -> entry(step, size)));
      next++;
    }
    return Future.all(entries)
        .map(
            all -> {
              List<HistoryEntry> newestFirst = new ArrayList<>(all.list());
              Collections.reverse(newestFirst);
              return newestFirst;
            });
  }

  private static HistoryEntry entry(JsonNode step, long size) {
    return new HistoryEntry(
        time(step.path("created").asText()),
        step.path("created_by").asText(),
        step.path("comment").asText(),
        size);
  }

  private static Optional<Instant> time(String text) {
    try {
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
