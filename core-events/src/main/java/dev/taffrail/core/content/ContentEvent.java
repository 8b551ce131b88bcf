package dev.taffrail.core.content;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.Map;
import java.util.Objects;

/** Facts about blobs; the subject is {@code <namespace>/content/<digest>}. */
public sealed interface ContentEvent extends Event {
  String SUBJECT_TYPE = "content";

  Table<BlobInfo> BLOBS = Table.of("blobs", BlobInfo.class);

  EventFamily<ContentEvent> FAMILY =
      EventFamily.of(ContentEvent.class)
          .tables(BLOBS)
          .on(
              "dev.taffrail.content.committed.v1",
              Committed.class,
              (rows, event) ->
                  rows.put(
                      BLOBS,
                      event.digest().toString(),
                      new BlobInfo(event.digest(), event.size(), rows.time(), event.labels())))
          .on(
              "dev.taffrail.content.deleted.v1",
              Deleted.class,
              (rows, event) -> rows.remove(BLOBS, event.digest().toString()))
          .build();

  static Subject subject(Digest digest) {
    return Subject.of(SUBJECT_TYPE, digest.toString());
  }

  /** A verified blob is on disk under its digest. */
  @About("A verified blob is on disk under its digest.")
  record Committed(Digest digest, long size, Map<String, String> labels) implements ContentEvent {
    public Committed {
      Objects.requireNonNull(digest, "digest");
      labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
  }

  /** The blob is no longer known; its file goes next. */
  @About("The blob is no longer known; its file goes next.")
  record Deleted(Digest digest) implements ContentEvent {
    public Deleted {
      Objects.requireNonNull(digest, "digest");
    }
  }
}
