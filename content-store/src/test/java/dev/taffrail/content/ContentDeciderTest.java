package dev.taffrail.content;

import static dev.taffrail.core.content.ContentEvent.BLOBS;
import static dev.taffrail.core.content.ContentEvent.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.content.BlobInfo;
import dev.taffrail.core.content.ContentEvent;
import dev.taffrail.core.content.ContentEvent.Committed;
import dev.taffrail.core.content.ContentEvent.Deleted;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.testkit.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContentDeciderTest {
  private static final Digest DIGEST = Digest.sha256("cargo".getBytes(StandardCharsets.UTF_8));
  private static final Map<String, String> LABELS = Map.of("a", "b");
  private static final Scenario NOTHING = Scenario.of(ContentEvent.FAMILY);
  private static final Scenario STORED =
      NOTHING.given(subject(DIGEST), new Committed(DIGEST, 5, LABELS));

  @Test
  void commit() {
    NOTHING
        .when(view -> ContentDecider.commit(view, DIGEST, 5, LABELS))
        .thenEvents(subject(DIGEST), new Committed(DIGEST, 5, LABELS))
        .thenState(
            view ->
                assertThat(view.find(BLOBS, DIGEST.toString()))
                    .contains(new BlobInfo(DIGEST, 5, Scenario.timeOf(1), LABELS)));
  }

  @Test
  void commitOfWhatIsThere() {
    STORED
        .when(view -> ContentDecider.commit(view, DIGEST, 5, LABELS))
        .thenRejected(Kind.ALREADY_EXISTS, "content " + DIGEST + ": already exists");
  }

  @Test
  void delete() {
    STORED
        .when(view -> ContentDecider.delete(view, DIGEST))
        .thenEvents(subject(DIGEST), new Deleted(DIGEST))
        .thenState(view -> assertThat(view.list(BLOBS)).isEmpty());
  }

  @Test
  void deleteOfWhatIsNotThere() {
    NOTHING
        .when(view -> ContentDecider.delete(view, DIGEST))
        .thenRejected(Kind.NOT_FOUND, "content " + DIGEST + ": not found");
  }

  @Test
  void whatWasDeletedCanComeAgain() {
    STORED
        .given(view -> ContentDecider.delete(view, DIGEST))
        .when(view -> ContentDecider.commit(view, DIGEST, 5, Map.of()))
        .thenEvents(subject(DIGEST), new Committed(DIGEST, 5, Map.of()));
  }
}
