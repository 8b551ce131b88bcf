package dev.taffrail.images;

import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestRequest;
import dev.taffrail.core.content.IngestWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageConfiguration;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.ImportRequest;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.AppliedLayer;
import dev.taffrail.core.snapshot.SnapshotKey;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * One import: layer, unpacked snapshot, configuration and manifest, and at last the event that
 * names them. When a step fails, what this import made is taken away again.
 */
final class ArchiveImport {
  private static final String DEFAULT_COMMENT = "Imported from -";
  private static final Map<String, String> LABELS = Map.of(Store.LABEL, "import");
  private final Store store;
  private final CallContext call;
  private final ImportRequest request;
  private final Instant now;
  private final String name = Store.PREFIX + UUID.randomUUID();
  private final SnapshotKey unpacking = new SnapshotKey(name);
  private final List<String> pinned = new ArrayList<>();
  private final List<Digest> blobs = new ArrayList<>();
  private final List<SnapshotKey> snapshots = new ArrayList<>();

  ArchiveImport(Store store, CallContext call, ImportRequest request, Instant now) {
    this.store = store;
    this.call = call.detached();
    this.request = request;
    this.now = now;
  }

  Future<ImageView> run() {
    ImageConfiguration configuration = Changes.apply(request.changes());
    String architecture = architecture(request.platform());
    return layer()
        .compose(
            layer ->
                unpack(layer)
                    .compose(applied -> describe(layer, applied, configuration, architecture)))
        .compose(this::name)
        .transform(
            result -> {
              store.unpin(pinned);
              return result.succeeded()
                  ? Future.succeededFuture(result.result())
                  : store
                      .collect(call, blobs, snapshots, store.snapshotterName)
                      .transform(cleaned -> Future.failedFuture(result.cause()));
            });
  }

  private static String architecture(Optional<String> platform) {
    String own = ownArchitecture();
    String asked = platform.filter(text -> !text.isEmpty()).orElse("linux/" + own);
    String[] parts = asked.split("/", -1);
    if (!parts[0].equals("linux") || parts.length > 3) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "operating system is not supported: " + asked);
    }
    return parts.length > 1 ? parts[1] : own;
  }

  /** The daemon's, in Go's words. */
  static String ownArchitecture() {
    String architecture = System.getProperty("os.arch");
    return switch (architecture) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> architecture;
    };
  }

  private Future<Descriptor> layer() {
    return store
        .content
        .ingest(call, new IngestRequest(name, OptionalLong.empty(), Optional.empty(), LABELS))
        .compose(
            writer ->
                new ArchivePump(store, writer)
                    .pump(request.archive())
                    .compose(archive -> commit(writer, archive.digest()).map(archive))
                    .recover(cause -> abort(writer, name, cause)))
        .map(archive -> new Descriptor(archive.mediaType(), archive.digest(), archive.size()));
  }

  // Pinned first: from then on nobody takes the blob away, be it new or known already.
  private Future<Void> commit(IngestWriter writer, Digest digest) {
    return pin(digest.toString())
        .compose(pin -> writer.commit(OptionalLong.empty(), Optional.of(digest)))
        .onSuccess(blob -> blobs.add(digest))
        .<Void>mapEmpty()
        .recover(ArchiveImport::unlessThere);
  }

  private <T> Future<T> abort(IngestWriter writer, String reference, Throwable cause) {
    writer.close();
    return Store.quietly("ingest " + reference, store.content.abort(call, reference))
        .transform(aborted -> Future.failedFuture(cause));
  }

  private Future<AppliedLayer> unpack(Descriptor layer) {
    snapshots.add(unpacking);
    return store
        .snapshotter
        .prepare(call, unpacking, Optional.empty(), LABELS)
        .compose(mounts -> store.differ.apply(call, mounts, layer))
        .compose(applied -> freeze(chainId(applied)).map(applied));
  }

  // With one layer the chain id is the diff id: OCI image-spec config.md, "Layer ChainID".
  private static SnapshotKey chainId(AppliedLayer applied) {
    return new SnapshotKey(applied.diffId().toString());
  }

  private Future<Void> freeze(SnapshotKey chainId) {
    return pin(chainId.toString())
        .compose(pin -> store.snapshotter.commit(call, chainId, unpacking, LABELS))
        .onSuccess(frozen -> snapshots.add(chainId))
        .recover(
            cause ->
                unlessThere(cause).compose(there -> store.snapshotter.remove(call, unpacking)));
  }

  private Future<Image> describe(
      Descriptor layer, AppliedLayer applied, ImageConfiguration config, String architecture) {
    String comment = request.message().filter(text -> !text.isEmpty()).orElse(DEFAULT_COMMENT);
    byte[] configuration =
        ImageDocuments.configuration(config, architecture, comment, now, List.of(applied.diffId()));
    Descriptor configurationBlob = describe(ImageDocuments.CONFIGURATION_TYPE, configuration);
    byte[] manifest = ImageDocuments.manifest(configurationBlob, List.of(layer));
    Descriptor manifestBlob = describe(ImageDocuments.MANIFEST_TYPE, manifest);
    Image image =
        new Image(
            configurationBlob.digest(),
            manifestBlob,
            config,
            architecture,
            "linux",
            Optional.empty(),
            Optional.empty(),
            Optional.of(comment),
            List.of(layer),
            List.of(applied.diffId()),
            chainId(applied),
            store.snapshotterName,
            applied.size(),
            now);
    return Future.all(
            put("configuration", configurationBlob, configuration),
            put("manifest", manifestBlob, manifest))
        .map(image);
  }

  private static Descriptor describe(String mediaType, byte[] document) {
    return new Descriptor(mediaType, Digest.sha256(document), document.length);
  }

  private Future<Void> put(String what, Descriptor descriptor, byte[] document) {
    String reference = name + "-" + what;
    IngestRequest ingest =
        new IngestRequest(
            reference,
            OptionalLong.of(descriptor.size()),
            Optional.of(descriptor.digest()),
            LABELS);
    return pin(descriptor.digest().toString())
        .compose(pin -> store.content.ingest(call, ingest))
        .compose(
            writer ->
                store
                    .blocking(
                        () -> {
                          writer.write(ByteBuffer.wrap(document));
                          return writer;
                        })
                    .compose(
                        written ->
                            written.commit(
                                OptionalLong.of(descriptor.size()),
                                Optional.of(descriptor.digest())))
                    .onSuccess(blob -> blobs.add(descriptor.digest()))
                    .<Void>mapEmpty()
                    .recover(
                        cause ->
                            unlessThere(cause).recover(other -> abort(writer, reference, other))))
        .recover(ArchiveImport::unlessThere);
  }

  private Future<ImageView> name(Image image) {
    Optional<ImageReference> reference = request.reference().map(ImageReference::withDefaultTag);
    return store
        .host()
        .submit(
            Command.request(
                call.origin(),
                view -> ImageDecider.created(view, image, ImageEvent.Source.IMPORT, reference)))
        .map(Committed::reply);
  }

  private Future<Void> pin(String what) {
    return store.pin(what).onSuccess(pin -> pinned.add(what));
  }

  private static Future<Void> unlessThere(Throwable cause) {
    return RuntimeFailure.kindOf(cause) == Kind.ALREADY_EXISTS
        ? Future.succeededFuture()
        : Future.failedFuture(cause);
  }
}
