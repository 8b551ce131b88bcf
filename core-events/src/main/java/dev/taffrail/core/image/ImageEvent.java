package dev.taffrail.core.image;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import java.util.Objects;

/** Facts about images; the subject is {@code <namespace>/images/<id>}. */
public sealed interface ImageEvent extends Event {
  Table<Image> IMAGES = Table.of("images", Image.class);

  /** Row ids are references in normal form. */
  Table<ReferenceRow> REFERENCES = Table.of("image_references", ReferenceRow.class);

  EventFamily<ImageEvent> FAMILY =
      EventFamily.of(ImageEvent.class)
          .tables(IMAGES, REFERENCES)
          .on(
              "dev.taffrail.image.created.v1",
              Created.class,
              (rows, event) -> rows.put(IMAGES, event.image().id().toString(), event.image()))
          .on(
              "dev.taffrail.image.tagged.v1",
              Tagged.class,
              (rows, event) ->
                  rows.put(
                      REFERENCES, event.reference(), new ReferenceRow(event.image(), rows.time())))
          .on(
              "dev.taffrail.image.untagged.v1",
              Untagged.class,
              (rows, event) -> rows.remove(REFERENCES, event.reference()))
          .on(
              "dev.taffrail.image.removed.v1",
              Removed.class,
              (rows, event) -> rows.remove(IMAGES, event.image().toString()))
          .build();

  static Subject subject(Digest image) {
    return Subject.of("images", image.toString());
  }

  /** How an image came to be here. */
  enum Source {
    IMPORT,
    PULL,
    LOAD,
    BUILD,
    COMMIT
  }

  /** Its content and its unpacked layers are here. */
  @About("An image is here: its content is stored and its layers are unpacked.")
  record Created(Image image, Source source) implements ImageEvent {
    public Created {
      Objects.requireNonNull(image, "image");
      Objects.requireNonNull(source, "source");
    }
  }

  /** The reference, in normal form, names this image now; it may have named another before. */
  @About("A reference names this image now; it may have named another before.")
  record Tagged(Digest image, String reference) implements ImageEvent {
    public Tagged {
      Objects.requireNonNull(image, "image");
      Objects.requireNonNull(reference, "reference");
    }
  }

  /** The reference names nothing now. */
  @About("The reference names nothing now.")
  record Untagged(Digest image, String reference) implements ImageEvent {
    public Untagged {
      Objects.requireNonNull(image, "image");
      Objects.requireNonNull(reference, "reference");
    }
  }

  /** The image is no longer known; its content and snapshots go next. */
  @About("The image is no longer known; its content and snapshots go next.")
  record Removed(Digest image) implements ImageEvent {
    public Removed {
      Objects.requireNonNull(image, "image");
    }
  }
}
