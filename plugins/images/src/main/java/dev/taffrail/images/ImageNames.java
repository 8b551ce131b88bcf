package dev.taffrail.images;

import static dev.taffrail.core.image.ImageEvent.IMAGES;
import static dev.taffrail.core.image.ImageEvent.REFERENCES;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.ReferenceRow;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds images by what their users call them, in Docker's order. */
final class ImageNames {
  private static final String SHA256 = "sha256:";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern ID_PREFIX = Pattern.compile("[0-9a-f]+");

  private ImageNames() {}

  /** NOT_FOUND and INVALID_ARGUMENT in Docker's words. */
  static Image resolve(StateView view, String name) {
    String bare = name.startsWith(SHA256) ? name.substring(SHA256.length()) : name;
    if (ID.matcher(bare).matches()) {
      return view.find(IMAGES, SHA256 + bare).orElseThrow(() -> unknown(name));
    }
    if (name.startsWith(SHA256)) {
      return byPrefix(view, bare).orElseThrow(() -> unknown(name));
    }
    ImageReference reference = ImageReference.parse(name).withDefaultTag();
    Optional<Image> tagged =
        view.find(REFERENCES, reference.toString())
            .flatMap(row -> view.find(IMAGES, row.image().toString()));
    return tagged.or(() -> byPrefix(view, name)).orElseThrow(() -> unknown(reference.familiar()));
  }

  // Two images with one prefix are as good as none.
  private static Optional<Image> byPrefix(StateView view, String prefix) {
    if (!ID_PREFIX.matcher(prefix).matches()) {
      return Optional.empty();
    }
    List<Row<Image>> found = view.list(IMAGES, Subject.DEFAULT_NAMESPACE, SHA256 + prefix);
    return found.size() == 1 ? Optional.of(found.get(0).value()) : Optional.empty();
  }

  /** Whether {@code name} is the beginning of the id, with or without its algorithm. */
  static boolean isIdPrefix(Digest id, String name) {
    return id.toString().startsWith(name) || id.hex().startsWith(name);
  }

  /** In normal form, sorted. */
  static List<String> referencesOf(StateView view, Digest image) {
    return view.list(REFERENCES).stream()
        .filter(row -> row.value().image().equals(image))
        .map(Row<ReferenceRow>::id)
        .sorted()
        .toList();
  }

  static ImageView view(StateView view, Image image) {
    return new ImageView(image, referencesOf(view, image.id()));
  }

  private static RuntimeFailure unknown(String name) {
    return new RuntimeFailure(Kind.NOT_FOUND, "No such image: " + name);
  }
}
