package dev.taffrail.content;

import dev.taffrail.core.content.BlobInfo;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestRequest;
import dev.taffrail.core.content.IngestStatus;
import dev.taffrail.core.content.IngestWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/** Handed to other plugins by reference: its commit runs on our context and answers on theirs. */
final class LocalIngestWriter implements IngestWriter {
  private final LocalContentStore store;
  private final CallContext call;
  private final IngestRequest request;
  private final Ingest ingest;
  private final String algorithm;
  private final AtomicBoolean closed = new AtomicBoolean();

  LocalIngestWriter(
      LocalContentStore store,
      CallContext call,
      IngestRequest request,
      Ingest ingest,
      String algorithm) {
    this.store = store;
    this.call = call.detached();
    this.request = request;
    this.ingest = ingest;
    this.algorithm = algorithm;
  }

  @Override
  public IngestStatus status() {
    return ingest.status();
  }

  @Override
  public void write(ByteBuffer bytes) {
    checkOpen();
    ingest.write(bytes);
  }

  @Override
  public void truncate() {
    checkOpen();
    ingest.truncate();
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION, "The writer of " + request.reference() + " is closed");
    }
  }

  @Override
  public Future<BlobInfo> commit(OptionalLong size, Optional<Digest> expected) {
    if (!closed.compareAndSet(false, true)) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.FAILED_PRECONDITION, "The writer of " + request.reference() + " is closed"));
    }
    Context caller = Vertx.currentContext();
    Promise<BlobInfo> answer = Promise.promise();
    store
        .context()
        .runOnContext(
            run ->
                commitHere(size, expected)
                    .onComplete(
                        result -> {
                          if (caller == null) {
                            answer.handle(result);
                          } else {
                            caller.runOnContext(back -> answer.handle(result));
                          }
                        }));
    return answer.future();
  }

  private Future<BlobInfo> commitHere(OptionalLong size, Optional<Digest> expected) {
    return store
        .blocking(
            () -> ingest.finish(algorithm, size.isPresent() ? size : request.size(), expected))
        .compose(digest -> store.publish(call, ingest, digest, request.labels()))
        .compose(
            info -> store.blocking(() -> removed(info)),
            cause ->
                store.blocking(
                    () -> {
                      ingest.close();
                      if (RuntimeFailure.kindOf(cause) == Kind.ALREADY_EXISTS) {
                        Ingest.remove(ingest.data().getParent());
                      }
                      throw asException(cause);
                    }))
        .onComplete(done -> store.release(request.reference()));
  }

  private BlobInfo removed(BlobInfo info) {
    ingest.close();
    Ingest.remove(ingest.data().getParent());
    return info;
  }

  private static Exception asException(Throwable cause) {
    return cause instanceof Exception exception ? exception : new IllegalStateException(cause);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      ingest.close();
      store.context().runOnContext(run -> store.release(request.reference()));
    }
  }
}
