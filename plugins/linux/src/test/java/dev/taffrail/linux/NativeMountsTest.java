package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RootOnly
class NativeMountsTest {
  private final NativeMounts mounts = new NativeMounts();
  @TempDir private Path directory;
  private Path base;
  private Path target;

  @BeforeEach
  void makeBase() throws IOException {
    // overlayfs takes no overlay as its upper directory, which /tmp may be.
    base = Files.createDirectory(directory.resolve("base"));
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of("mode=755", "private")), base);
    target = Files.createDirectory(base.resolve("target"));
  }

  @AfterEach
  void unmountAll() {
    for (MountPoint point : mounts.below(directory)) {
      mounts.unmount(point.target(), true);
    }
    assertThat(mounts.below(directory)).isEmpty();
  }

  @Test
  void aDetachedFileSystemIsOutOfSightAndEndsWhenItIsClosed() throws IOException {
    Mount tmpfs = new Mount("tmpfs", "tmpfs", List.of());
    mounts.mount(tmpfs, target);
    Files.writeString(target.resolve("inside"), "");
    Mounts.Detached detached = mounts.detach(target);
    assertThat(mounts.below(target)).isEmpty();
    assertThat(target.resolve("inside")).doesNotExist();
    detached.close();
    detached.close();
    mounts.detach(target).close();
    mounts.detach(target.resolve("absent")).close();
    Files.delete(target);
  }

  @Test
  void threeLowerDirectoriesAreStacked() throws IOException {
    overlay(3, "l");
  }

  @Test
  void twoHundredLowerDirectoriesAreStackedBeyondAPage() throws IOException {
    overlay(200, "a-long-name-so-that-it-is-more-than-a-page-");
  }

  @Test
  void pathsLongerThanTheKernelsStringsAreTakenAsDescriptors() throws IOException {
    overlay(30, "x".repeat(240));
  }

  @Test
  void colonsInLowerDirectoriesAreEscaped() throws IOException {
    assertThat(LayeredOverlay.split("/a\\:b:/c\\\\d::/e"))
        .containsExactly("/a:b", "/c\\d", "", "/e");
  }

  private void overlay(int layers, String prefix) throws IOException {
    List<String> lowers = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      Path lower = Files.createDirectory(base.resolve(prefix + i));
      Files.writeString(lower.resolve("f" + i), "from " + i);
      Files.writeString(lower.resolve("top"), "from " + i);
      lowers.add(lower.toString());
    }
    Path upper = Files.createDirectory(base.resolve("upper"));
    Path work = Files.createDirectory(base.resolve("work"));
    mounts.mount(
        new Mount(
            "overlay",
            "overlay",
            List.of(
                "lowerdir=" + String.join(":", lowers),
                "upperdir=" + upper,
                "workdir=" + work,
                "index=off",
                "nosuid")),
        target);
    assertThat(target.resolve("top")).hasContent("from 0");
    assertThat(target.resolve("f" + (layers - 1))).hasContent("from " + (layers - 1));
    Files.writeString(target.resolve("new"), "new");
    assertThat(upper.resolve("new")).hasContent("new");
    MountPoint point = mounts.below(target).get(0);
    assertThat(point.type()).isEqualTo("overlay");
    assertThat(point.source()).isEqualTo("overlay");
    assertThat(point.options()).contains("nosuid", "upperdir=" + upper);
    mounts.unmount(target, false);
    assertThat(mounts.below(target)).isEmpty();
  }

  @Test
  void aReadOnlyOverlayNeedsNoUpperDirectory() throws IOException {
    Path one = Files.createDirectory(base.resolve("one"));
    Path two = Files.createDirectory(base.resolve("two"));
    mounts.mount(
        new Mount("overlay", "overlay", List.of("ro", "lowerdir=" + one + ":" + two)), target);
    assertThatThrownBy(() -> Files.createFile(target.resolve("f")))
        .hasMessageContaining("Read-only");
  }

  @Test
  void aReadOnlyBindIsReadOnlyAndItsSourceIsNot() throws IOException {
    Path source = Files.createDirectory(base.resolve("source"));
    mounts.mount(new Mount("bind", source.toString(), List.of("rbind", "ro", "rprivate")), target);
    assertThatThrownBy(() -> Files.createFile(target.resolve("f")))
        .hasMessageContaining("Read-only");
    Files.createFile(source.resolve("f"));
    assertThat(target.resolve("f")).exists();
    assertThat(mounts.below(target))
        .singleElement()
        .extracting(MountPoint::options)
        .asString()
        .startsWith("ro,");
  }

  @Test
  void aBindKeepsTheFlagsOfItsSource() throws IOException {
    Path source = Files.createDirectory(base.resolve("source"));
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of("nosuid", "nodev")), source);
    mounts.mount(new Mount("bind", source.toString(), List.of("bind", "ro", "noexec")), target);
    assertThat(mounts.below(target).get(0).options()).startsWith("ro,nosuid,nodev,noexec");
  }

  @Test
  void aSingleFileCanBeBound() throws IOException {
    Path source = Files.writeString(base.resolve("hosts"), "localhost");
    Path file = Files.createFile(base.resolve("file"));
    mounts.mount(new Mount("bind", source.toString(), List.of("bind")), file);
    assertThat(file).hasContent("localhost");
  }

  @Test
  void propagationIsSet() throws IOException {
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of("shared")), target);
    Path copy = Files.createDirectory(base.resolve("copy"));
    mounts.mount(new Mount("bind", target.toString(), List.of("bind", "private")), copy);
    Path inner = Files.createDirectory(target.resolve("inner"));
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of()), inner);
    assertThat(mounts.below(copy)).hasSize(1);
  }

  @Test
  void unmountOfWhatIsNotMountedDoesNothing() {
    mounts.unmount(target, false);
    mounts.unmount(target.resolve("none"), true);
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of()), target);
    mounts.unmount(target, false);
    mounts.unmount(target, false);
    assertThat(mounts.below(target)).isEmpty();
  }

  @Test
  void aBusyMountIsUnmountedLazilyOnly() throws IOException {
    mounts.mount(new Mount("tmpfs", "tmpfs", List.of()), target);
    try (var held = Files.newOutputStream(target.resolve("f"))) {
      held.write(1);
      assertThat(kindOf(() -> mounts.unmount(target, false))).isEqualTo(Kind.FAILED_PRECONDITION);
      mounts.unmount(target, true);
    }
    assertThat(mounts.below(target)).isEmpty();
  }

  @Test
  void mountPointsComeDeepestFirstAndStackedOnesTopFirst() throws IOException {
    mounts.mount(new Mount("tmpfs", "first", List.of()), target);
    Path odd = Files.createDirectory(target.resolve("a b\\c\n"));
    mounts.mount(new Mount("tmpfs", "odd", List.of()), odd);
    Path over = Files.createDirectory(base.resolve("over"));
    mounts.mount(new Mount("tmpfs", "below", List.of()), over);
    mounts.mount(new Mount("tmpfs", "above", List.of()), over);
    assertThat(mounts.below(base))
        .extracting(MountPoint::source)
        .containsExactly("odd", "above", "below", "first", "tmpfs");
    assertThat(mounts.below(target).get(0).target()).isEqualTo(odd);
    for (MountPoint point : mounts.below(target)) {
      mounts.unmount(point.target(), false);
    }
    assertThat(mounts.below(target)).isEmpty();
  }

  @Test
  void mountsThatCannotBeAreRefusedByName() {
    assertThatThrownBy(
            () -> mounts.mount(new Mount("tmpfs", "none", List.of("ro")), Path.of("/no/such")))
        .hasMessage("Cannot mount none (tmpfs) on /no/such: ENOENT, No such file or directory");
    assertThat(kindOf(() -> mounts.mount(new Mount("bind", "/", List.of("rbind", "rro")), target)))
        .isEqualTo(Kind.UNIMPLEMENTED);
    assertThat(kindOf(() -> mounts.mount(new Mount("bind", "/", List.of("size=1")), target)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    assertThat(
            kindOf(
                () ->
                    mounts.mount(
                        new Mount("tmpfs", "t", List.of("mode=" + "0".repeat(5000))), target)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }
}
