package dev.taffrail.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileStat;
import dev.taffrail.core.linux.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RootOnly
class NativeTreeTest {
  private static final long NULL_DEVICE = (1 << 8) | 3;

  /** Major 8, minor 300, as makedev(3): the high bits of the minor lie above the major. */
  private static final long MINOR_300 = (8 << 8) | (300 & 0xff) | ((300 & ~0xff) << 12);

  private final NativeTrees trees = new NativeTrees();
  @TempDir private Path directory;
  private Path root;
  private Path outside;
  private Tree tree;

  @BeforeEach
  void open() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
    tree = trees.open(root);
  }

  @AfterEach
  void close() {
    tree.close();
    trees.removeAll(root);
  }

  @Test
  void aFileIsWrittenWithAllItsProperties() throws IOException {
    tree.makeDirectory("a", 0755);
    Instant modified = Instant.ofEpochSecond(1_000_000_000L, 123_456_789);
    try (Tree.NewFile file = tree.createFile("a/f", 0640)) {
      file.write(direct("direct "));
      file.write(ByteBuffer.wrap("heap".getBytes(UTF_8)));
      file.setOwner(1234, 4_000_000_000L);
      file.setMode(04755);
      file.setAttribute("user.note", new byte[] {1, 0, 2});
      file.setModified(modified);
    }
    assertThat(Files.readString(root.resolve("a/f"))).isEqualTo("direct heap");
    FileStat stat = tree.stat("/a//f/").orElseThrow();
    assertThat(stat.mode()).isEqualTo(FileStat.S_IFREG | 04755);
    assertThat(stat.uid()).isEqualTo(1234);
    assertThat(stat.gid()).isEqualTo(4_000_000_000L);
    assertThat(stat.size()).isEqualTo(11);
    assertThat(stat.links()).isEqualTo(1);
    assertThat(stat.modified()).isEqualTo(modified);
    assertThat(tree.attributes("a/f")).containsOnlyKeys("user.note");
    assertThat(tree.attributes("a/f").get("user.note")).containsExactly(1, 0, 2);
  }

  @Test
  void modesAreExactWhateverTheUmask() {
    tree.makeDirectory("open", 0777);
    tree.makeDirectory("sticky", 01777);
    tree.makeDirectory("group", 02775);
    tree.createFile("f", 06666).close();
    tree.makeNode("fifo", FileStat.S_IFIFO | 0666, 0);
    assertThat(mode("open")).isEqualTo(FileStat.S_IFDIR | 0777);
    assertThat(mode("sticky")).isEqualTo(FileStat.S_IFDIR | 01777);
    assertThat(mode("group")).isEqualTo(FileStat.S_IFDIR | 02775);
    assertThat(mode("f")).isEqualTo(FileStat.S_IFREG | 06666);
    assertThat(mode("fifo")).isEqualTo(FileStat.S_IFIFO | 0666);
  }

  @Test
  void aHoleIsZerosAlsoAtTheEnd() throws IOException {
    try (Tree.NewFile file = tree.createFile("sparse", 0600)) {
      file.skip(1 << 20);
      file.write(direct("x"));
      file.skip(4095);
    }
    byte[] content = Files.readAllBytes(root.resolve("sparse"));
    assertThat(content).hasSize((1 << 20) + 4096);
    assertThat(content[1 << 20]).isEqualTo((byte) 'x');
    assertThat(content[content.length - 1]).isZero();
  }

  @Test
  void linksInDirectoriesStayInTheRoot() throws IOException {
    tree.makeDirectory("etc", 0755);
    tree.makeSymbolicLink("absolute", "/etc");
    tree.makeSymbolicLink("relative", "../../../../etc");
    tree.makeSymbolicLink("out", outside.toString());
    tree.createFile("absolute/one", 0644).close();
    tree.createFile("relative/two", 0644).close();
    tree.createFile("etc/../../../etc/three", 0644).close();
    assertThat(tree.list("etc")).containsExactly("one", "three", "two");
    assertThat(kindOf(() -> tree.createFile("out/four", 0644))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> tree.list("out"))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> tree.open("out/secret"))).isEqualTo(Kind.NOT_FOUND);
    assertThat(tree.list("..")).isEqualTo(tree.list("/"));
    try (var outsideNames = Files.list(outside)) {
      assertThat(outsideNames).hasSize(1);
    }
  }

  @Test
  void theLastComponentIsNotFollowed() throws IOException {
    Path secret = outside.resolve("secret");
    tree.makeSymbolicLink("link", secret.toString());
    tree.setOwner("link", 7, 8);
    tree.setModified("link", Instant.EPOCH);
    tree.setAttribute("link", "trusted.note", new byte[] {1});
    assertThat(tree.stat("link").orElseThrow().isSymbolicLink()).isTrue();
    assertThat(tree.stat("link").orElseThrow().uid()).isEqualTo(7);
    assertThat(kindOf(() -> tree.createFile("link", 0644))).isEqualTo(Kind.ALREADY_EXISTS);
    assertThat(kindOf(() -> tree.setMode("link", 0777))).isEqualTo(Kind.UNIMPLEMENTED);
    assertThat(tree.readLink("link")).isEqualTo(secret.toString());
    tree.makeLink("second", "link");
    assertThat(tree.stat("second").orElseThrow().isSymbolicLink()).isTrue();
    assertThat(Files.getAttribute(secret, "unix:uid")).isEqualTo(0);
    assertThat(Files.getLastModifiedTime(secret).toInstant()).isNotEqualTo(Instant.EPOCH);
    tree.remove("link");
    assertThat(secret).exists();
  }

  @Test
  void aDirectorySwappedForALinkMeanwhileLeadsNowhere() throws Exception {
    tree.makeDirectory("a", 0755);
    Path place = root.resolve("a");
    Path parked = root.resolve("parked");
    AtomicBoolean done = new AtomicBoolean();
    Thread attacker =
        new Thread(
            () -> {
              while (!done.get()) {
                swapForALink(place, parked, outside);
              }
            });
    attacker.start();
    int made = 0;
    try {
      for (int i = 0; i < 3000; i++) {
        try (Tree fresh = trees.open(root)) {
          fresh.createFile("a/f" + i, 0644).close();
          made++;
          fresh.setMode("a/f" + i, 0600);
          fresh.remove("a/f" + i);
        } catch (RuntimeFailure swapped) {
          assertThat(swapped.kind()).isIn(Kind.NOT_FOUND, Kind.FAILED_PRECONDITION);
        }
      }
    } finally {
      done.set(true);
      attacker.join();
    }
    assertThat(made).isPositive();
    try (var names = Files.list(outside)) {
      assertThat(names.map(name -> name.getFileName().toString())).containsExactly("secret");
    }
  }

  private static void swapForALink(Path place, Path parked, Path outside) {
    try {
      Files.move(place, parked);
      Files.createSymbolicLink(place, outside);
      Files.delete(place);
      Files.move(parked, place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void attributesOfOverlayAndCapabilitiesAreKept() {
    tree.makeDirectory("d", 0755);
    tree.createFile("f", 0755).close();
    byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    tree.setAttribute("d", "trusted.overlay.opaque", new byte[] {'y'});
    tree.setAttribute("f", "security.capability", capability);
    tree.setAttribute("/", "trusted.empty", new byte[0]);
    assertThat(tree.attributes("d").get("trusted.overlay.opaque")).containsExactly('y');
    assertThat(tree.attributes("f").get("security.capability")).isEqualTo(capability);
    assertThat(tree.attributes(".").get("trusted.empty")).isEmpty();
    tree.createFile("plain", 0600).close();
    assertThat(tree.attributes("plain")).isEqualTo(Map.of());
    assertThat(kindOf(() -> tree.setAttribute("f", "user.big", new byte[70_000])))
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void nodesAndHardLinksAreMade() {
    tree.makeNode("null", FileStat.S_IFCHR | 0666, NULL_DEVICE);
    tree.makeNode("whiteout", FileStat.S_IFCHR, 0);
    tree.makeNode("disk", FileStat.S_IFBLK | 0600, MINOR_300);
    assertThat(tree.stat("null").orElseThrow().device()).isEqualTo(NULL_DEVICE);
    assertThat(tree.stat("whiteout").orElseThrow().device()).isZero();
    assertThat(tree.stat("disk").orElseThrow().device()).isEqualTo(MINOR_300);
    tree.makeDirectory("a", 0755);
    tree.makeDirectory("b", 0755);
    tree.createFile("a/f", 0600).close();
    tree.makeLink("b/g", "/a/f");
    assertThat(tree.stat("b/g").orElseThrow().links()).isEqualTo(2);
    assertThat(tree.stat("b/g").orElseThrow().inode())
        .isEqualTo(tree.stat("a/f").orElseThrow().inode());
    assertThat(kindOf(() -> tree.makeLink("b/h", "a/none"))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void openReadsRegularFilesThroughLinksAndNothingElse() throws IOException {
    tree.makeDirectory("etc", 0755);
    try (Tree.NewFile file = tree.createFile("etc/passwd", 0644)) {
      file.write(direct("inside"));
    }
    tree.makeSymbolicLink("link", "/etc/passwd");
    tree.makeNode("fifo", FileStat.S_IFIFO | 0666, 0);
    tree.makeSymbolicLink("magic", "/proc/self/root/etc/passwd");
    try (FileChannel channel = tree.open("link")) {
      assertThat(new String(Channels.newInputStream(channel).readAllBytes(), UTF_8))
          .isEqualTo("inside");
    }
    assertThat(kindOf(() -> tree.open("fifo"))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(kindOf(() -> tree.open("etc"))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(kindOf(() -> tree.open("magic"))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void magicLinksOfProcAreRefused() {
    try (Tree host = trees.open(Path.of("/"))) {
      assertThat(kindOf(() -> host.list("/proc/self/cwd"))).isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  @Test
  void removeTakesWholeTreesAndFollowsNoLink() throws IOException {
    Path deep = root.resolve("deep");
    List<String> names = new ArrayList<>(List.of("deep"));
    tree.makeDirectory("deep", 0755);
    for (int i = 0; i < 300; i++) {
      names.add("d");
      tree.makeDirectory(String.join("/", names), 0700);
    }
    tree.makeSymbolicLink("deep/out", outside.toString());
    tree.createFile("deep/.removed-0", 0600).close();
    tree.remove("deep");
    assertThat(deep).doesNotExist();
    assertThat(outside.resolve("secret")).exists();
    tree.remove("deep");
    tree.remove("no/such/name");
    assertThat(kindOf(() -> tree.remove("/"))).isEqualTo(Kind.INVALID_ARGUMENT);
    tree.makeDirectory("a", 0755);
    assertThat(kindOf(() -> tree.remove("a/.."))).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void aRemovedDirectoryIsNotRememberedForTheNextName() {
    tree.makeDirectory("a", 0755);
    tree.createFile("a/f", 0600).close();
    tree.remove("a");
    assertThat(tree.stat("a/f")).isEmpty();
    tree.makeDirectory("a", 0755);
    tree.createFile("a/g", 0600).close();
    assertThat(tree.list("a")).containsExactly("g");
  }

  @Test
  void removalStopsAtMounts() {
    Path mounted = root.resolve("a/mounted");
    tree.makeDirectory("a", 0755);
    tree.makeDirectory("a/mounted", 0755);
    NativeMounts mounts = new NativeMounts();
    mounts.mount(
        new dev.taffrail.core.linux.Mount("bind", outside.toString(), List.of("bind")), mounted);
    try {
      assertThatThrownBy(() -> trees.removeAll(root))
          .hasMessageContaining("something is mounted on mounted");
      assertThat(outside.resolve("secret")).exists();
    } finally {
      mounts.unmount(mounted, true);
    }
  }

  @Test
  void namesThatAreNotUtf8SurviveTheWayThroughAString() throws IOException {
    String odd = "b\udcffd-ü-日本-\ud83d\ude00";
    tree.createFile(odd, 0600).close();
    assertThat(tree.list("")).containsExactly(odd);
    assertThat(tree.stat(odd)).isPresent();
    assertThat(kindOf(() -> tree.createFile("a\0b", 0600))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> tree.createFile("a\ud800b", 0600))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> tree.stat("x".repeat(5000)))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> tree.createFile("x".repeat(300), 0600)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    tree.remove(odd);
    try (var names = Files.list(root)) {
      assertThat(names).isEmpty();
    }
  }

  @Test
  void failuresNameTheCallTheObjectAndTheError() {
    assertThatThrownBy(() -> tree.createFile("no/f", 0600))
        .hasMessage("Cannot create no/f in " + root + ": ENOENT, No such file or directory");
    tree.createFile("f", 0600).close();
    assertThat(kindOf(() -> tree.createFile("f/g", 0600))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(tree.stat("f/g")).isEmpty();
    assertThat(kindOf(() -> tree.makeDirectory("/", 0755))).isEqualTo(Kind.ALREADY_EXISTS);
    tree.makeSymbolicLink("loop", "loop");
    assertThat(kindOf(() -> tree.stat("loop/x"))).isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(kindOf(() -> trees.open(root.resolve("none")))).isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> tree.setOwner("f", 0xffff_ffffL, 0))).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void aClosedTreeSaysSo() {
    tree.close();
    assertThat(kindOf(() -> tree.stat("f"))).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(kindOf(() -> tree.sync())).isEqualTo(Kind.FAILED_PRECONDITION);
  }

  @Test
  void removeAllOfWhatIsNotThereIsFine() throws IOException {
    trees.removeAll(directory.resolve("none/at/all"));
    Path link = Files.createSymbolicLink(directory.resolve("link-to-outside"), outside);
    trees.removeAll(link);
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(outside.resolve("secret")).exists();
    tree.sync();
  }

  private int mode(String name) {
    return tree.stat(name).orElseThrow().mode();
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    // Not at the beginning: the address of a buffer must not include its position twice.
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 3);
    buffer.position(3).put(bytes).position(3);
    return buffer;
  }

  static Kind kindOf(ThrowingCallable call) {
    try {
      call.call();
    } catch (RuntimeFailure failure) {
      return failure.kind();
    } catch (Throwable other) {
      throw new AssertionError("Not a RuntimeFailure", other);
    }
    throw new AssertionError("Nothing was thrown");
  }
}
