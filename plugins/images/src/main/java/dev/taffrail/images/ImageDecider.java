package dev.taffrail.images;

import static dev.taffrail.core.image.ImageEvent.IMAGES;
import static dev.taffrail.core.image.ImageEvent.subject;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageEvent.Created;
import dev.taffrail.core.image.ImageEvent.Removed;
import dev.taffrail.core.image.ImageEvent.Source;
import dev.taffrail.core.image.ImageEvent.Tagged;
import dev.taffrail.core.image.ImageEvent.Untagged;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Decides every command about images; refusals are in Docker Engine's words. */
final class ImageDecider {
  private static final int SHORT_ID = 12;

  private ImageDecider() {}

  /** An image whose content and layers are there; the reference moves to it. */
  static Decision<ImageView> created(
      StateView view, Image image, Source source, Optional<ImageReference> reference) {
    Decision<Void> decision = Decision.of(subject(image.id()));
    if (view.find(IMAGES, image.id().toString()).isEmpty()) {
      decision = decision.and(subject(image.id()), new Created(image, source));
    }
    Set<String> names = new TreeSet<>(ImageNames.referencesOf(view, image.id()));
    if (reference.isPresent() && names.add(reference.get().toString())) {
      decision =
          decision.and(subject(image.id()), new Tagged(image.id(), reference.get().toString()));
    }
    return decision.reply(new ImageView(image, List.copyOf(names)));
  }

  /** One more name; another image that had it keeps what it has besides. */
  static Decision<Void> tag(StateView view, String name, ImageReference reference) {
    if (reference.digest().isPresent()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "refusing to create a tag with a digest reference");
    }
    Image image = ImageNames.resolve(view, name);
    return Decision.of(
        subject(image.id()), new Tagged(image.id(), reference.withDefaultTag().toString()));
  }

  /** A removal and what it leaves to be taken away. */
  record Removal(ImageRemoval answer, Optional<Image> removed) {}

  /**
   * As {@code docker rmi}. A reference is untagged, and its image goes with the last one if nothing
   * hinders; an id goes with all its references. Only a running container cannot be overruled.
   */
  static Decision<Removal> remove(StateView view, String name, boolean force) {
    Image image = ImageNames.resolve(view, name);
    List<String> references = ImageNames.referencesOf(view, image.id());
    Users users = Users.of(view, image.id());
    List<String> untagged = new ArrayList<>();
    boolean byReference = !ImageNames.isIdPrefix(image.id(), name);
    if (byReference) {
      if (!force && isSingle(references) && users.any().isPresent()) {
        throw conflict(
            "conflict: unable to remove repository reference \""
                + name
                + "\" (must force) - container "
                + users.any().get()
                + " is using its referenced image "
                + shortId(image.id()));
      }
      untagged.addAll(withOrphanedDigests(ImageReference.parse(name).withDefaultTag(), references));
      if (untagged.size() < references.size()) {
        return untagged(image, untagged, Optional.empty());
      }
    } else if (isSingle(references)) {
      conflict(users, force, false).ifPresent(text -> refuse(image, text));
      untagged.addAll(references);
    }
    Optional<Conflict> hindrance = conflict(users, force, untagged.size() < references.size());
    if (hindrance.isPresent()) {
      if (byReference) {
        return untagged(image, untagged, Optional.empty());
      }
      refuse(image, hindrance.get());
    }
    return untagged(image, references, Optional.of(image));
  }

  // Digests of a repository go with its last tag.
  private static List<String> withOrphanedDigests(ImageReference removed, List<String> references) {
    List<String> untagged = new ArrayList<>();
    untagged.add(removed.toString());
    Predicate<ImageReference> sameName =
        other -> other.domain().equals(removed.domain()) && other.path().equals(removed.path());
    List<ImageReference> others =
        references.stream()
            .filter(reference -> !reference.equals(removed.toString()))
            .map(ImageReference::parse)
            .filter(sameName)
            .toList();
    if (removed.digest().isEmpty()
        && others.stream().allMatch(other -> other.digest().isPresent())) {
      others.forEach(other -> untagged.add(other.toString()));
    }
    return untagged;
  }

  private static Decision<Removal> untagged(
      Image image, List<String> references, Optional<Image> removed) {
    Decision<Void> decision = Decision.of(subject(image.id()));
    for (String reference : references) {
      decision = decision.and(subject(image.id()), new Untagged(image.id(), reference));
    }
    if (removed.isPresent()) {
      decision = decision.and(subject(image.id()), new Removed(image.id()));
    }
    return decision.reply(
        new Removal(new ImageRemoval(references, removed.map(Image::id)), removed));
  }

  /** All of one repository, and one tag at most. */
  private static boolean isSingle(List<String> references) {
    if (references.size() <= 1) {
      return references.size() == 1;
    }
    List<ImageReference> parsed = references.stream().map(ImageReference::parse).toList();
    long repositories = parsed.stream().map(ImageReference::familiarName).distinct().count();
    long tags = parsed.stream().filter(reference -> reference.digest().isEmpty()).count();
    return repositories == 1 && tags <= 1;
  }

  /** What hinders a removal; force overrules all but {@code hard}. */
  private record Conflict(boolean hard, String message) {}

  private static Optional<Conflict> conflict(Users users, boolean force, boolean referenced) {
    if (users.running().isPresent()) {
      return Optional.of(
          new Conflict(true, "image is being used by running container " + users.running().get()));
    }
    if (force) {
      return Optional.empty();
    }
    if (referenced) {
      return Optional.of(new Conflict(false, "image is referenced in multiple repositories"));
    }
    return users
        .stopped()
        .map(id -> new Conflict(false, "image is being used by stopped container " + id));
  }

  private static void refuse(Image image, Conflict conflict) {
    throw conflict(
        "conflict: unable to delete "
            + shortId(image.id())
            + (conflict.hard() ? " (cannot be forced) - " : " (must be forced) - ")
            + conflict.message());
  }

  /** Short ids of containers made of an image. */
  private record Users(Optional<String> running, Optional<String> stopped) {
    static Users of(StateView view, Digest image) {
      List<String> all =
          view.list(ContainerEvent.SPECIFICATIONS).stream()
              .filter(row -> isOf(row, image))
              .map(Row::id)
              .toList();
      Set<String> running =
          all.stream().filter(id -> isRunning(view, id)).collect(Collectors.toSet());
      return new Users(
          all.stream().filter(running::contains).findFirst().map(Users::shorten),
          all.stream().filter(id -> !running.contains(id)).findFirst().map(Users::shorten));
    }

    private static boolean isOf(Row<ContainerSpecification> row, Digest image) {
      return row.value().image().equals(image);
    }

    private static boolean isRunning(StateView view, String id) {
      return view.find(ContainerEvent.CONTAINERS, id)
          .map(status -> status.phase() == Phase.RUNNING || status.phase() == Phase.STARTING)
          .orElse(false);
    }

    private static String shorten(String id) {
      return id.substring(0, Math.min(SHORT_ID, id.length()));
    }

    Optional<String> any() {
      return running.or(this::stopped);
    }
  }

  private static String shortId(Digest image) {
    return image.hex().substring(0, SHORT_ID);
  }

  private static RuntimeFailure conflict(String message) {
    return new RuntimeFailure(Kind.FAILED_PRECONDITION, message);
  }
}
