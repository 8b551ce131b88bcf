package dev.taffrail.testkit;

import static dev.taffrail.testkit.TestHost.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.content.BlobInfo;
import dev.taffrail.core.content.BlobReader;
import dev.taffrail.core.content.ContentStore;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestRequest;
import dev.taffrail.core.content.IngestStatus;
import dev.taffrail.core.content.IngestWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every content store does. */
public abstract class ContentStoreContract {
  private static final CallContext CALL = CallContext.component("test");
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final Digest HELLO_DIGEST = Digest.sha256(HELLO);

  @TempDir private Path root;
  private TestHost host;

  /** Starts the plugin under test, and what it requires. */
  protected abstract void start(TestHost host);

  protected final TestHost host() {
    return host;
  }

  @BeforeEach
  final void open() {
    host = new TestHost(root);
    start(host);
  }

  @AfterEach
  final void close() {
    host.close();
  }

  /** Stops and starts again, as after the end of the daemon. */
  protected final void restart() {
    close();
    open();
  }

  protected final ContentStore store() {
    return host.service(ContentStore.CONTENT);
  }

  protected static Kind failureOf(Future<?> call) {
    return call.transform(
            result ->
                Future.succeededFuture(
                    result.failed() ? RuntimeFailure.kindOf(result.cause()) : null))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
  }

  private IngestWriter ingest(String reference) {
    return await(store().ingest(CALL, IngestRequest.of(reference)));
  }

  protected final BlobInfo put(byte[] content) {
    IngestWriter writer = ingest("put");
    writer.write(ByteBuffer.wrap(content));
    return await(writer.commit(OptionalLong.of(content.length), Optional.empty()));
  }

  private byte[] read(Digest digest) {
    try (BlobReader reader = await(store().open(CALL, digest))) {
      return Channels.newInputStream(reader.channel()).readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsCommittedCanBeReadByItsDigest() {
    BlobInfo info = put(HELLO);
    assertThat(info.digest()).isEqualTo(HELLO_DIGEST);
    assertThat(info.size()).isEqualTo(HELLO.length);
    assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
    assertThat(await(store().list(CALL))).containsExactly(info);
    assertThat(await(store().ingests(CALL))).isEmpty();
  }

  @Test
  void contentOutlivesTheDaemon() {
    put(HELLO);
    restart();
    assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void anotherDigestOrSizeIsRefusedAndTheIngestStays() {
    IngestWriter writer = ingest("wrong");
    writer.write(ByteBuffer.wrap(HELLO));
    assertThat(failureOf(writer.commit(OptionalLong.of(4), Optional.empty())))
        .isEqualTo(Kind.FAILED_PRECONDITION);
    IngestWriter again = ingest("wrong");
    assertThat(again.status().offset()).isEqualTo(HELLO.length);
    assertThat(
            failureOf(
                again.commit(OptionalLong.empty(), Optional.of(Digest.sha256(new byte[] {1})))))
        .isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(await(store().list(CALL))).isEmpty();
  }

  @Test
  void anIngestIsResumedWhereItStoppedAlsoAfterARestart() {
    try (IngestWriter writer = ingest("part")) {
      writer.write(ByteBuffer.wrap(HELLO, 0, 2));
    }
    restart();
    assertThat(await(store().ingests(CALL)))
        .extracting(IngestStatus::reference)
        .containsExactly("part");
    IngestWriter rest = ingest("part");
    assertThat(rest.status().offset()).isEqualTo(2);
    rest.write(ByteBuffer.wrap(HELLO, 2, 3));
    BlobInfo info = await(rest.commit(OptionalLong.empty(), Optional.of(HELLO_DIGEST)));
    assertThat(info.digest()).isEqualTo(HELLO_DIGEST);
  }

  @Test
  void anIngestHasOneWriter() {
    IngestWriter writer = ingest("one");
    assertThat(failureOf(store().ingest(CALL, IngestRequest.of("one"))))
        .isEqualTo(Kind.UNAVAILABLE);
    assertThat(failureOf(store().abort(CALL, "one"))).isEqualTo(Kind.UNAVAILABLE);
    writer.close();
    await(store().abort(CALL, "one"));
    assertThat(failureOf(store().abort(CALL, "one"))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void theSameContentIsThereOnce() {
    put(HELLO);
    IngestWriter writer = ingest("again");
    writer.write(ByteBuffer.wrap(HELLO));
    assertThat(failureOf(writer.commit(OptionalLong.empty(), Optional.empty())))
        .isEqualTo(Kind.ALREADY_EXISTS);
    assertThat(await(store().ingests(CALL))).isEmpty();
    IngestRequest expecting =
        new IngestRequest("third", OptionalLong.empty(), Optional.of(HELLO_DIGEST), Map.of());
    assertThat(failureOf(store().ingest(CALL, expecting))).isEqualTo(Kind.ALREADY_EXISTS);
  }

  @Test
  void whatIsDeletedIsGoneButAnOpenReaderReadsOn() throws IOException {
    put(HELLO);
    try (BlobReader reader = await(store().open(CALL, HELLO_DIGEST))) {
      await(store().delete(CALL, HELLO_DIGEST));
      assertThat(Channels.newInputStream(reader.channel()).readAllBytes()).isEqualTo(HELLO);
    }
    assertThat(failureOf(store().info(CALL, HELLO_DIGEST))).isEqualTo(Kind.NOT_FOUND);
    assertThat(failureOf(store().delete(CALL, HELLO_DIGEST))).isEqualTo(Kind.NOT_FOUND);
    put(HELLO);
    assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
  }

  @Test
  void anEmptyReferenceIsRefused() {
    assertThat(failureOf(store().ingest(CALL, IngestRequest.of(""))))
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }
}
