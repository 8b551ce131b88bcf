package dev.taffrail.images;

import static dev.taffrail.core.image.ImageEvent.IMAGES;
import static dev.taffrail.core.image.ImageEvent.REFERENCES;
import static dev.taffrail.core.image.ImageEvent.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerEvent.Learnt;
import dev.taffrail.core.container.ContainerEvent.TaskExited;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.event.Decider;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.ImageEvent.Created;
import dev.taffrail.core.image.ImageEvent.Removed;
import dev.taffrail.core.image.ImageEvent.Source;
import dev.taffrail.core.image.ImageEvent.Tagged;
import dev.taffrail.core.image.ImageEvent.Untagged;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.testkit.Samples;
import dev.taffrail.testkit.Scenario;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageDeciderTest {
  private static final Image IMAGE = Samples.IMAGE;
  private static final Digest ID = IMAGE.id();
  private static final String SHORT_ID = ID.hex().substring(0, 12);
  private static final String LATEST = "docker.io/library/ship:latest";
  private static final String OTHER = "docker.io/library/boat:1";
  private static final Scenario NOTHING = Scenario.of(ImageEvent.FAMILY, ContainerEvent.FAMILY);
  private static final Scenario TAGGED =
      NOTHING.given(subject(ID), new Created(IMAGE, Source.IMPORT), new Tagged(ID, LATEST));

  private static Decider<ImageView> created(String reference) {
    return view ->
        ImageDecider.created(
            view,
            IMAGE,
            Source.IMPORT,
            Optional.of(ImageReference.parse(reference).withDefaultTag()));
  }

  private static Decider<ImageDecider.Removal> remove(String name, boolean force) {
    return view -> ImageDecider.remove(view, name, force);
  }

  private static ImageDecider.Removal untaggedOnly(String... references) {
    return new ImageDecider.Removal(
        new ImageRemoval(List.of(references), Optional.empty()), Optional.empty());
  }

  private static ImageDecider.Removal removed(String... references) {
    return new ImageDecider.Removal(
        new ImageRemoval(List.of(references), Optional.of(ID)), Optional.of(IMAGE));
  }

  @Test
  void oneMoreName() {
    TAGGED
        .when(view -> ImageDecider.tag(view, "ship", ImageReference.parse("boat:1")))
        .thenEvents(subject(ID), new Tagged(ID, OTHER));
    TAGGED
        .when(view -> ImageDecider.tag(view, "nosuch", ImageReference.parse("boat:1")))
        .thenRejected(Kind.NOT_FOUND);
    TAGGED
        .when(view -> ImageDecider.tag(view, "ship", ImageReference.parse("boat@" + ID)))
        .thenRejected(Kind.INVALID_ARGUMENT);
  }

  @Test
  void anImageComesWithItsName() {
    NOTHING
        .when(created("ship"))
        .thenEvents(subject(ID), new Created(IMAGE, Source.IMPORT), new Tagged(ID, LATEST))
        .thenReply(new ImageView(IMAGE, List.of(LATEST)));
  }

  @Test
  void theSameImageAgainOnlyGetsItsNewName() {
    TAGGED.when(created("ship")).thenNothing().thenReply(new ImageView(IMAGE, List.of(LATEST)));
    TAGGED
        .when(created("boat:1"))
        .thenEvents(subject(ID), new Tagged(ID, OTHER))
        .thenReply(new ImageView(IMAGE, List.of(OTHER, LATEST)));
  }

  @Test
  void aNameMovesAndItsOldImageStays() {
    Image second = Samples.image("two");
    TAGGED
        .when(
            view ->
                ImageDecider.created(
                    view, second, Source.IMPORT, Optional.of(ImageReference.parse(LATEST))))
        .thenEvents(
            subject(second.id()),
            new Created(second, Source.IMPORT),
            new Tagged(second.id(), LATEST))
        .thenState(
            view -> {
              assertThat(view.list(IMAGES)).hasSize(2);
              assertThat(ImageNames.referencesOf(view, ID)).isEmpty();
              assertThat(ImageNames.resolve(view, "ship")).isEqualTo(second);
            });
  }

  @Test
  void theLastNameTakesTheImageWithIt() {
    TAGGED
        .when(remove("ship", false))
        .thenEvents(subject(ID), new Untagged(ID, LATEST), new Removed(ID))
        .thenReply(removed(LATEST))
        .thenState(
            view -> {
              assertThat(view.list(IMAGES)).isEmpty();
              assertThat(view.list(REFERENCES)).isEmpty();
            });
  }

  @Test
  void oneOfTwoNamesGoesAlone() {
    TAGGED
        .given(created("boat:1"))
        .when(remove("boat:1", false))
        .thenEvents(subject(ID), new Untagged(ID, OTHER))
        .thenReply(untaggedOnly(OTHER));
  }

  @Test
  void anIdWithTwoNamesHasToBeForced() {
    Scenario two = TAGGED.given(created("boat:1"));
    two.when(remove(SHORT_ID, false))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "conflict: unable to delete "
                + SHORT_ID
                + " (must be forced) - image is referenced in multiple repositories");
    Event[] all = {new Untagged(ID, OTHER), new Untagged(ID, LATEST), new Removed(ID)};
    two.when(remove(ID.toString(), true)).thenEvents(subject(ID), all);
  }

  @Test
  void digestsGoWithTheLastTagOfTheirRepository() {
    String digest = "docker.io/library/ship@" + Samples.image("manifest").id();
    TAGGED
        .given(subject(ID), new Tagged(ID, digest))
        .when(remove("ship", false))
        .thenEvents(
            subject(ID), new Untagged(ID, LATEST), new Untagged(ID, digest), new Removed(ID));
  }

  @Test
  void whatIsNotThereIsNamedAsItWasAsked() {
    TAGGED.when(remove("boat", false)).thenRejected(Kind.NOT_FOUND, "No such image: boat:latest");
    TAGGED
        .when(remove("sha256:beef", false))
        .thenRejected(Kind.NOT_FOUND, "No such image: sha256:beef");
    TAGGED.when(remove("Ship", false)).thenRejected(Kind.INVALID_ARGUMENT, "invalid reference");
  }

  private static Scenario used(ContainerEvent... more) {
    String id = Samples.id('c');
    return TAGGED.given(ContainerEvent.subject(id), Samples.life(Samples.specification(id), more));
  }

  @Test
  void aStoppedContainerHasToBeOverruled() {
    Scenario stopped = used();
    stopped
        .when(remove("ship", false))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "conflict: unable to remove repository reference \"ship\" (must force) - container"
                + " cccccccccccc is using its referenced image "
                + SHORT_ID);
    stopped
        .when(remove(SHORT_ID, false))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "conflict: unable to delete "
                + SHORT_ID
                + " (must be forced) - image is being used by stopped container cccccccccccc");
    stopped.when(remove("ship", true)).thenReply(removed(LATEST));
  }

  @Test
  void aRunningContainerCannotBeOverruled() {
    Scenario running = used(Samples.running().toArray(ContainerEvent[]::new));
    running
        .when(remove(SHORT_ID, true))
        .thenRejected(
            Kind.FAILED_PRECONDITION,
            "conflict: unable to delete "
                + SHORT_ID
                + " (cannot be forced) - image is being used by running container cccccccccccc");
    running
        .given(
            ContainerEvent.subject(Samples.id('c')),
            new TaskExited(Samples.EXIT, Learnt.LIVE, Optional.empty()))
        .when(remove(SHORT_ID, true))
        .thenReply(removed(LATEST));
  }

  @Test
  void aRunningContainersImageLosesItsLastNameByForce() {
    used(Samples.running().toArray(ContainerEvent[]::new))
        .when(remove("ship", true))
        .thenEvents(subject(ID), new Untagged(ID, LATEST))
        .thenReply(untaggedOnly(LATEST));
  }
}
