package dev.taffrail.http;

import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.HistoryEntry;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageConfiguration;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageUsage;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.image.ImportRequest;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One image, busybox:latest, and a count of the bytes that were imported. */
final class FakeImages implements Images {
  static final Digest ID = Digest.sha256("busybox".getBytes(StandardCharsets.UTF_8));
  private static final Digest LAYER = Digest.sha256("layer".getBytes(StandardCharsets.UTF_8));
  final List<ImportRequest> imports = new ArrayList<>();
  final List<String> tagged = new ArrayList<>();
  final java.util.concurrent.atomic.AtomicLong imported =
      new java.util.concurrent.atomic.AtomicLong();

  static ImageView busybox(List<String> references) {
    ImageConfiguration configuration =
        new ImageConfiguration(
            Optional.empty(),
            List.of("PATH=/bin"),
            Optional.empty(),
            Optional.of(List.of("sh")),
            Optional.empty(),
            Map.of("who", "me"),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty());
    return new ImageView(
        new Image(
            ID,
            new Descriptor("application/vnd.oci.image.manifest.v1+json", LAYER, 7),
            configuration,
            "amd64",
            "linux",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(LAYER),
            new SnapshotKey("chain"),
            "snapshot.overlay",
            4242,
            Instant.parse("2026-01-01T00:00:00Z")),
        references);
  }

  private static ImageView busybox() {
    return busybox(List.of("docker.io/library/busybox:latest", "localhost:5000/a/b:1"));
  }

  @Override
  public Future<ImageView> importArchive(CallContext call, ImportRequest request) {
    imports.add(request);
    if (request.changes().contains("BREAK")) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "BREAK is not a valid change command");
    }
    Promise<ImageView> done = Promise.promise();
    request.archive().handler(part -> imported.addAndGet(part.length()));
    request.archive().endHandler(end -> done.complete(busybox()));
    request.archive().exceptionHandler(done::tryFail);
    request.archive().resume();
    return done.future();
  }

  @Override
  public Future<List<ImageView>> list(CallContext call) {
    return Future.succeededFuture(List.of(busybox()));
  }

  @Override
  public Future<ImageView> get(CallContext call, String name) {
    if (!name.equals("busybox") && !name.equals("localhost:5000/a/b:1")) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No such image: " + name);
    }
    return Future.succeededFuture(busybox());
  }

  @Override
  public Future<Void> tag(CallContext call, String name, ImageReference reference) {
    tagged.add(name + " " + reference);
    return get(call, name).mapEmpty();
  }

  @Override
  public Future<List<HistoryEntry>> history(CallContext call, String name) {
    return Future.succeededFuture(
        List.of(
            new HistoryEntry(Optional.empty(), "CMD sh", "", 0),
            new HistoryEntry(
                Optional.of(Instant.parse("2026-01-01T00:00:00Z")), "", "Imported", 4242)));
  }

  @Override
  public Future<ImageUsage> usage(CallContext call) {
    return Future.succeededFuture(new ImageUsage(4242, Map.of(ID, 42L)));
  }

  @Override
  public Future<ImageRemoval> remove(CallContext call, String name, boolean force) {
    return Future.succeededFuture(
        new ImageRemoval(List.of("docker.io/library/busybox:latest"), Optional.of(ID)));
  }

  @Override
  public Future<ImageView> getAsOf(CallContext call, String name, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }

  @Override
  public Future<List<ImageView>> listAsOf(CallContext call, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }
}
