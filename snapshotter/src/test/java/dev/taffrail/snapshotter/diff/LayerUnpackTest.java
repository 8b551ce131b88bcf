package dev.taffrail.snapshotter.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileStat;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.snapshot.AppliedLayer;
import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.TestHost;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerUnpackTest {
  private static final LayerLimits LIMITS = new LayerLimits(64 << 20, 1000);

  @TempDir private Path directory;
  private TestHost host;
  private Path root;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "owners need root, so it is skipped");
    host = new TestHost(directory.resolve("host")).start(new LinuxPlugin());
    root = Files.createDirectories(directory.resolve("outer/root"));
    Files.writeString(directory.resolve("outer/secret"), "secret");
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  /** An archive under construction. */
  private static final class Archive {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    Archive() {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    Archive file(String name, String content) {
      return add(name, TarConstants.LF_NORMAL, content, entry -> {});
    }

    Archive directory(String name) {
      return add(name + "/", TarConstants.LF_DIR, "", entry -> {});
    }

    Archive link(String name, byte kind, String target) {
      return add(name, kind, "", entry -> entry.setLinkName(target));
    }

    Archive add(String name, byte kind, String content, Consumer<TarArchiveEntry> more) {
      try {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
        byte[] data = content.getBytes(StandardCharsets.UTF_8);
        entry.setSize(data.length);
        entry.setMode(kind == TarConstants.LF_DIR ? 0755 : 0644);
        entry.setModTime(FileTime.from(Instant.ofEpochSecond(1_000_000)));
        more.accept(entry);
        tar.putArchiveEntry(entry);
        tar.write(data);
        tar.closeArchiveEntry();
        return this;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    byte[] bytes() {
      try {
        tar.close();
        return bytes.toByteArray();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private AppliedLayer unpack(byte[] layer) {
    try (Tree tree = host.port(Trees.class).open(root)) {
      return new LayerUnpack(tree, LIMITS, () -> false).run(new ByteArrayInputStream(layer));
    }
  }

  private FileStat stat(String name) {
    try (Tree tree = host.port(Trees.class).open(root)) {
      return tree.stat(name).orElseThrow();
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void everythingOfAnEntryIsKept() {
    byte[] layer =
        new Archive()
            .directory("bin")
            .add(
                "bin/tool",
                TarConstants.LF_NORMAL,
                "tool",
                entry -> {
                  entry.setMode(04755);
                  entry.setUserId(12);
                  entry.setGroupId(3_000_000_000L);
                  entry.addPaxHeader("SCHILY.xattr.user.color", "red");
                })
            .link("bin/hard", TarConstants.LF_LINK, "bin/tool")
            .link("bin/soft", TarConstants.LF_SYMLINK, "/bin/tool")
            .add("pipe", TarConstants.LF_FIFO, "", entry -> {})
            .add(
                "null",
                TarConstants.LF_CHR,
                "",
                entry -> {
                  entry.setDevMajor(1);
                  entry.setDevMinor(3);
                })
            .file("caf\u00e9/" + "long".repeat(60), "x")
            .bytes();
    AppliedLayer applied = unpack(layer);
    assertThat(applied.diffId()).isEqualTo(Digest.sha256(layer));
    assertThat(applied.size()).isEqualTo(5);
    FileStat tool = stat("bin/tool");
    assertThat(tool.mode() & 07777).isEqualTo(04755);
    assertThat(tool.uid()).isEqualTo(12);
    assertThat(tool.gid()).isEqualTo(3_000_000_000L);
    assertThat(tool.links()).isEqualTo(2);
    assertThat(tool.modified()).isEqualTo(Instant.ofEpochSecond(1_000_000));
    assertThat(stat("bin").modified()).isEqualTo(Instant.ofEpochSecond(1_000_000));
    assertThat(stat("bin/soft").isSymbolicLink()).isTrue();
    assertThat(stat("null").device()).isEqualTo(0x103);
    assertThat(root.resolve("caf\u00e9/" + "long".repeat(60))).hasContent("x");
    try (Tree tree = host.port(Trees.class).open(root)) {
      assertThat(tree.attributes("bin/tool"))
          .containsEntry("user.color", "red".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void compressionIsToldByTheFirstBytes() throws IOException {
    byte[] layer = new Archive().file("a", "content").bytes();
    Digest diffId = Digest.sha256(layer);
    assertThat(unpack(gzip(layer)).diffId()).isEqualTo(diffId);
    assertThat(unpack(Zstd.compress(layer)).diffId()).isEqualTo(diffId);
    assertThat(root.resolve("a")).hasContent("content");
  }

  @Test
  void whiteoutsHideWhatWasThereAndNotWhatComesWithThem() throws IOException {
    unpack(new Archive().file("d/old", "1").file("gone", "2").file("kept", "3").bytes());
    unpack(
        new Archive().file("d/new", "4").file("d/.wh..wh..opq", "").file(".wh.gone", "").bytes());
    assertThat(root.resolve("d/old")).doesNotExist();
    assertThat(root.resolve("d/new")).hasContent("4");
    assertThat(root.resolve("gone")).doesNotExist();
    assertThat(root.resolve("kept")).exists();
  }

  @Test
  void aLaterEntryReplacesAnEarlierOne() {
    unpack(new Archive().file("a/b", "1").file("a", "2").bytes());
    assertThat(root.resolve("a")).hasContent("2");
    unpack(new Archive().directory("a").file("a/c", "3").bytes());
    assertThat(root.resolve("a/c")).hasContent("3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escaped", "a/../../escaped", ".."})
  void aNameThatLeadsOutIsRefused(String name) {
    refused(new Archive().file(name, "x").bytes(), "leads out of its root");
    assertThat(directory.resolve("outer/escaped")).doesNotExist();
  }

  @Test
  void linksThatLeadOutAreRefusedOrHarmless() {
    refused(
        new Archive().link("l", TarConstants.LF_SYMLINK, "../../secret").bytes(),
        "invalid symlink");
    refused(new Archive().link("h", TarConstants.LF_LINK, "../secret").bytes(), "invalid hardlink");
    refused(new Archive().link("h", TarConstants.LF_LINK, "nothing").bytes(), "hard link");
    // An absolute link means the root of the container, also while unpacking through it.
    unpack(
        new Archive()
            .link("out", TarConstants.LF_SYMLINK, directory.resolve("outer").toString())
            .directory(directory.resolve("outer").toString().substring(1))
            .file("out/through", "x")
            .bytes());
    assertThat(directory.resolve("outer/through")).doesNotExist();
  }

  @Test
  void attributesOfOverlayfsAreRefused() {
    refused(
        new Archive()
            .add(
                "a",
                TarConstants.LF_NORMAL,
                "",
                entry -> entry.addPaxHeader("SCHILY.xattr.trusted.overlay.redirect", "/etc"))
            .bytes(),
        "trusted.overlay");
  }

  @Test
  void bombsAreRefused() throws IOException {
    byte[] zeros = gzip(new Archive().file("big", "\0".repeat(65 << 20)).bytes());
    refused(zeros, "max-layer-bytes");
    Archive many = new Archive();
    for (int i = 0; i < 1001; i++) {
      many.file("f" + i, "");
    }
    refused(many.bytes(), "max-layer-entries");
    refused(
        new Archive()
            .add(
                "a",
                TarConstants.LF_NORMAL,
                "",
                entry -> entry.addPaxHeader("comment.x", "y".repeat(5 << 20)))
            .bytes(),
        "header");
  }

  @Test
  void aDamagedArchiveIsRefused() throws IOException {
    byte[] layer = new Archive().file("a", "content".repeat(1000)).bytes();
    refused(Arrays.copyOf(layer, 3000), "");
    refused(Arrays.copyOf(gzip(layer), 60), "damaged");
    refused("garbage".getBytes(StandardCharsets.UTF_8), "unexpected end");
    byte[] changed = layer.clone();
    changed[0] = 'b';
    refused(changed, "invalid tar header");
    refused(
        "this is no archive at all, whatever it may be".repeat(40).getBytes(StandardCharsets.UTF_8),
        "");
  }

  private void refused(byte[] layer, String words) {
    assertThatThrownBy(() -> unpack(layer))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(Kind.INVALID_ARGUMENT))
        .hasMessageContaining(words);
  }
}
