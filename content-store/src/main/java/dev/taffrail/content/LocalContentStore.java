package dev.taffrail.content;

import static dev.taffrail.core.content.ContentEvent.BLOBS;

import dev.taffrail.core.content.BlobInfo;
import dev.taffrail.core.content.BlobReader;
import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestRequest;
import dev.taffrail.core.content.IngestStatus;
import dev.taffrail.core.content.IngestWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/** Content in a {@link BlobDirectory}, named by events. Confined to the plugin's context. */
final class LocalContentStore implements ContentStore {
  private static final boolean UNORDERED = false;

  private final PluginContext host;
  private final Context context;
  private final BlobDirectory directory;
  private final Set<String> writing = new HashSet<>();

  /** A blob is published and deleted one after the other, so that event and file agree. */
  private final KeyedQueue<Digest> publishing = new KeyedQueue<>();

  LocalContentStore(PluginContext host, Context context, BlobDirectory directory) {
    this.host = host;
    this.context = context;
    this.directory = directory;
  }

  /** Removes files that no event names: a crash came between a file and its event. */
  Future<Void> recover() {
    return blocking(
        () -> {
          directory.create();
          Ingest.sweep(directory.ingests());
          Set<Digest> known = new HashSet<>();
          host.log()
              .read(view -> view.listAll(BLOBS))
              .forEach(row -> known.add(row.value().digest()));
          directory.list().stream()
              .filter(found -> !known.contains(found))
              .forEach(directory::delete);
          return null;
        });
  }

  <T> Future<T> blocking(Callable<T> work) {
    return context.executeBlocking(work, UNORDERED);
  }

  Context context() {
    return context;
  }

  @Override
  public Future<BlobInfo> info(CallContext call, Digest digest) {
    return blocking(() -> find(digest).orElseThrow(() -> ContentDecider.notFound(digest)));
  }

  private Optional<BlobInfo> find(Digest digest) {
    return host.log().read(view -> view.find(BLOBS, digest.toString()));
  }

  @Override
  public Future<List<BlobInfo>> list(CallContext call) {
    return blocking(
        () -> host.log().read(view -> view.list(BLOBS)).stream().map(Row::value).toList());
  }

  @Override
  public Future<BlobReader> open(CallContext call, Digest digest) {
    return blocking(
        () -> {
          BlobInfo info = find(digest).orElseThrow(() -> ContentDecider.notFound(digest));
          return new FileReader(directory.open(digest), info.size());
        });
  }

  @Override
  public Future<Void> delete(CallContext call, Digest digest) {
    return publishing.run(
        digest,
        () ->
            host.submit(command(call, view -> ContentDecider.delete(view, digest)).relieving())
                .compose(
                    deleted ->
                        blocking(
                            () -> {
                              directory.delete(digest);
                              return null;
                            })));
  }

  private static Command<Void> command(CallContext call, Decider<Void> decider) {
    Command<Void> command = Command.request(call.origin(), decider);
    return call.cause().isPresent() ? command.causedBy(call.cause().getAsLong()) : command;
  }

  @Override
  public Future<IngestWriter> ingest(CallContext call, IngestRequest request) {
    if (request.reference().isEmpty()) {
      return Future.failedFuture(
          new RuntimeFailure(Kind.INVALID_ARGUMENT, "ref must not be empty"));
    }
    if (!writing.add(request.reference())) {
      return Future.failedFuture(locked(request.reference()));
    }
    String algorithm = request.expected().map(Digest::algorithm).orElse("sha256");
    return blocking(
            () -> {
              if (request.expected().isPresent() && find(request.expected().get()).isPresent()) {
                throw ContentDecider.alreadyExists(request.expected().get());
              }
              return Ingest.open(directory.ingests(), request.reference(), algorithm);
            })
        .<IngestWriter>map(ingest -> new LocalIngestWriter(this, call, request, ingest, algorithm))
        .onFailure(cause -> writing.remove(request.reference()));
  }

  private static RuntimeFailure locked(String reference) {
    return new RuntimeFailure(
        Kind.UNAVAILABLE, "ref " + reference + " locked: it is being written");
  }

  /** The writer of a reference is done. */
  void release(String reference) {
    writing.remove(reference);
  }

  /** Names a blob whose data is whole and synced in {@code ingest}, which goes in any case. */
  Future<BlobInfo> publish(
      CallContext call, Ingest ingest, Digest digest, Map<String, String> labels) {
    return publishing.run(
        digest,
        () ->
            blocking(
                    () -> {
                      if (find(digest).isPresent()) {
                        throw ContentDecider.alreadyExists(digest);
                      }
                      directory.publish(ingest.data(), digest);
                      return null;
                    })
                .compose(
                    published ->
                        host.submit(
                            command(
                                call,
                                view ->
                                    ContentDecider.commit(view, digest, ingest.size(), labels))))
                .compose(committed -> info(call, digest)));
  }

  @Override
  public Future<List<IngestStatus>> ingests(CallContext call) {
    return blocking(() -> Ingest.list(directory.ingests()));
  }

  @Override
  public Future<Void> abort(CallContext call, String reference) {
    if (!writing.add(reference)) {
      return Future.failedFuture(locked(reference));
    }
    return this.<Void>blocking(
            () -> {
              if (!Ingest.remove(Ingest.directory(directory.ingests(), reference))) {
                throw new RuntimeFailure(Kind.NOT_FOUND, "ingest " + reference + ": not found");
              }
              return null;
            })
        .onComplete(done -> writing.remove(reference));
  }
}
