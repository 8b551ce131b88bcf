package dev.taffrail.testkit;

import static dev.taffrail.testkit.TestHost.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotInfo;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.snapshot.SnapshotKind;
import dev.taffrail.core.snapshot.Snapshotter;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every snapshotter does, with real mounts; needs root. */
public abstract class SnapshotterContract {
  private static final CallContext CALL = CallContext.component("test");
  private static final SnapshotKey KEY = new SnapshotKey("key");
  private static final SnapshotKey BASE = new SnapshotKey("base");

  @TempDir private Path root;
  private TestHost host;
  private Path target;

  /** Starts the plugin under test, and what it requires, the ports of linux among it. */
  protected abstract void start(TestHost host);

  @BeforeEach
  final void open() throws IOException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "mounting needs root, so it is skipped");
    target = Files.createDirectories(root.resolve("mounted"));
    host = new TestHost(root);
    start(host);
  }

  @AfterEach
  final void close() {
    if (host != null) {
      mounts().below(root).forEach(left -> mounts().unmount(left.target(), true));
      host.close();
    }
  }

  private Mounts mounts() {
    return host.port(Mounts.class);
  }

  private Snapshotter snapshotter() {
    return host.service(Snapshotter.SNAPSHOT);
  }

  private static Kind failureOf(Future<?> call) {
    return ContentStoreContract.failureOf(call);
  }

  private List<Mount> prepare(SnapshotKey key, Optional<SnapshotKey> parent) {
    return await(snapshotter().prepare(CALL, key, parent, Map.of("label", "value")));
  }

  /** Work inside a mounted snapshot. */
  private interface Inside {
    void run(Path mounted) throws IOException;
  }

  private void in(List<Mount> snapshot, Inside work) throws IOException {
    snapshot.forEach(mount -> mounts().mount(mount, target));
    try {
      work.run(target);
    } finally {
      mounts().unmount(target, false);
    }
  }

  private void layer(SnapshotKey name, Optional<SnapshotKey> parent, String file)
      throws IOException {
    SnapshotKey active = new SnapshotKey("making-" + name);
    in(prepare(active, parent), mounted -> Files.writeString(mounted.resolve(file), file));
    await(snapshotter().commit(CALL, name, active, Map.of()));
  }

  @Test
  void layersLieOnTopOfEachOther() throws IOException {
    layer(BASE, Optional.empty(), "one");
    layer(new SnapshotKey("second"), Optional.of(BASE), "two");
    in(
        prepare(KEY, Optional.of(new SnapshotKey("second"))),
        mounted -> {
          assertThat(mounted.resolve("one")).hasContent("one");
          assertThat(mounted.resolve("two")).hasContent("two");
          Files.writeString(mounted.resolve("one"), "changed");
          Files.delete(mounted.resolve("two"));
        });
    in(
        await(snapshotter().mounts(CALL, KEY)),
        mounted -> {
          assertThat(mounted.resolve("one")).hasContent("changed");
          assertThat(mounted.resolve("two")).doesNotExist();
        });
    in(
        prepare(new SnapshotKey("other"), Optional.of(new SnapshotKey("second"))),
        mounted -> assertThat(mounted.resolve("one")).hasContent("one"));
  }

  @Test
  void aViewCannotBeWrittenTo() throws IOException {
    layer(BASE, Optional.empty(), "one");
    in(
        await(snapshotter().view(CALL, KEY, Optional.of(BASE), Map.of())),
        mounted -> {
          assertThat(mounted.resolve("one")).hasContent("one");
          assertThat(catchThrowable(() -> Files.writeString(mounted.resolve("new"), "no")))
              .isInstanceOf(IOException.class);
        });
    assertThat(failureOf(snapshotter().commit(CALL, new SnapshotKey("x"), KEY, Map.of())))
        .isEqualTo(Kind.FAILED_PRECONDITION);
  }

  @Test
  void keysAndNamesAreOneSpace() throws IOException {
    layer(BASE, Optional.empty(), "one");
    assertThat(failureOf(snapshotter().prepare(CALL, BASE, Optional.empty(), Map.of())))
        .isEqualTo(Kind.ALREADY_EXISTS);
    prepare(KEY, Optional.of(BASE));
    assertThat(failureOf(snapshotter().commit(CALL, BASE, KEY, Map.of())))
        .isEqualTo(Kind.ALREADY_EXISTS);
  }

  @Test
  void aParentMustBeCommitted() {
    SnapshotKey nobody = new SnapshotKey("nobody");
    assertThat(failureOf(snapshotter().prepare(CALL, KEY, Optional.of(nobody), Map.of())))
        .isEqualTo(Kind.NOT_FOUND);
    prepare(KEY, Optional.empty());
    assertThat(failureOf(snapshotter().prepare(CALL, nobody, Optional.of(KEY), Map.of())))
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }

  @Test
  void aParentIsRemovedAfterItsChildren() throws IOException {
    layer(BASE, Optional.empty(), "one");
    prepare(KEY, Optional.of(BASE));
    assertThat(failureOf(snapshotter().remove(CALL, BASE))).isEqualTo(Kind.FAILED_PRECONDITION);
    await(snapshotter().remove(CALL, KEY));
    await(snapshotter().remove(CALL, BASE));
    assertThat(await(snapshotter().list(CALL))).isEmpty();
    assertThat(failureOf(snapshotter().remove(CALL, KEY))).isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void statListAndUsageTellWhatThereIs() throws IOException {
    layer(BASE, Optional.empty(), "four");
    prepare(KEY, Optional.of(BASE));
    SnapshotInfo base = await(snapshotter().stat(CALL, BASE));
    assertThat(base.kind()).isEqualTo(SnapshotKind.COMMITTED);
    assertThat(base.children()).isEqualTo(1);
    assertThat(base.size()).hasValue(4);
    assertThat(await(snapshotter().usage(CALL, KEY))).isZero();
    assertThat(await(snapshotter().list(CALL)))
        .extracting(SnapshotInfo::key)
        .containsExactly(BASE, KEY);
    assertThat(failureOf(snapshotter().mounts(CALL, BASE))).isEqualTo(Kind.FAILED_PRECONDITION);
  }

  @Test
  void snapshotsOutliveTheDaemonAndLeftoversDoNot() throws IOException {
    layer(BASE, Optional.empty(), "one");
    prepare(KEY, Optional.of(BASE));
    await(snapshotter().remove(CALL, KEY));
    close();
    open();
    in(
        prepare(KEY, Optional.of(BASE)),
        mounted -> assertThat(mounted.resolve("one")).hasContent("one"));
  }

  @Test
  void aHundredLayersCanBeMounted() throws IOException {
    Optional<SnapshotKey> parent = Optional.empty();
    for (int i = 0; i < 100; i++) {
      SnapshotKey name = new SnapshotKey("layer-" + i);
      layer(name, parent, "file-" + i);
      parent = Optional.of(name);
    }
    in(
        prepare(KEY, parent),
        mounted -> {
          assertThat(mounted.resolve("file-0")).exists();
          assertThat(mounted.resolve("file-99")).exists();
        });
  }
}
