package dev.taffrail.content;

import static dev.taffrail.testkit.TestHost.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.testkit.ContentStoreContract;
import dev.taffrail.testkit.TestHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LocalContentStoreTest extends ContentStoreContract {
  @Override
  protected void start(TestHost host) {
    host.start(new ContentPlugin());
  }

  private Path data() {
    return host().data("content.local");
  }

  @Test
  void theDirectoryIsAnOciImageLayout() {
    put("x".getBytes(StandardCharsets.UTF_8));
    assertThat(data().resolve("oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    assertThat(data().resolve("index.json")).exists();
    assertThat(
            data()
                .resolve("blobs/sha256")
                .resolve(Digest.sha256("x".getBytes(StandardCharsets.UTF_8)).hex()))
        .hasContent("x");
  }

  @Test
  void aFileThatNoEventNamesGoesAtTheNextStart() throws IOException {
    byte[] content = "orphan".getBytes(StandardCharsets.UTF_8);
    Path orphan = data().resolve("blobs/sha256").resolve(Digest.sha256(content).hex());
    Files.write(orphan, content);
    restart();
    assertThat(orphan).doesNotExist();
    put(content);
    assertThat(orphan).exists();
  }

  @Test
  void aBlobWhoseFileIsGoneIsALoss() throws IOException {
    byte[] content = "lost".getBytes(StandardCharsets.UTF_8);
    put(content);
    Files.delete(data().resolve("blobs/sha256").resolve(Digest.sha256(content).hex()));
    assertThat(failureOf(store().open(CallContext.component("test"), Digest.sha256(content))))
        .isEqualTo(Kind.DATA_LOSS);
    await(store().delete(CallContext.component("test"), Digest.sha256(content)));
  }
}
