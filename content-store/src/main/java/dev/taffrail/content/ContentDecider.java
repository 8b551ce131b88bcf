package dev.taffrail.content;

import static dev.taffrail.core.content.ContentEvent.BLOBS;

import dev.taffrail.core.content.ContentEvent;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.StateView;
import java.util.Map;

/** What may happen to blobs. */
final class ContentDecider {
  private ContentDecider() {}

  /** The blob is on disk. */
  static Decision<Void> commit(
      StateView view, Digest digest, long size, Map<String, String> labels) {
    if (view.find(BLOBS, digest.toString()).isPresent()) {
      throw alreadyExists(digest);
    }
    return Decision.of(
        ContentEvent.subject(digest), new ContentEvent.Committed(digest, size, labels));
  }

  static Decision<Void> delete(StateView view, Digest digest) {
    if (view.find(BLOBS, digest.toString()).isEmpty()) {
      throw notFound(digest);
    }
    return Decision.of(ContentEvent.subject(digest), new ContentEvent.Deleted(digest));
  }

  static RuntimeFailure notFound(Digest digest) {
    return new RuntimeFailure(Kind.NOT_FOUND, "content " + digest + ": not found");
  }

  static RuntimeFailure alreadyExists(Digest digest) {
    return new RuntimeFailure(Kind.ALREADY_EXISTS, "content " + digest + ": already exists");
  }
}
