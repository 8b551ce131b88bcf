package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.FileWatcher.Change;
import dev.taffrail.core.linux.FileWatcher.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InotifyWatcherTest {
  private final InotifyWatcher watcher = new InotifyWatcher();
  private final BlockingQueue<String> one = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> two = new LinkedBlockingQueue<>();
  @TempDir private Path base;
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(base.resolve("watched"));
  }

  @AfterEach
  void close() {
    watcher.close();
  }

  @Test
  void eachListenerOfADirectorySeesWhatItAskedFor() throws Exception {
    watcher.watch(directory, Set.of(Change.MOVED_IN), one::add);
    watcher.watch(directory, Set.of(Change.CREATED, Change.REMOVED), two::add);
    Path made = Files.createFile(directory.resolve("made-ü"));
    Path outside = Files.createFile(base.resolve("outside"));
    Files.move(outside, directory.resolve("exit"));
    Files.delete(made);
    assertThat(next(one)).isEqualTo("exit");
    assertThat(next(two)).isEqualTo("made-ü");
    assertThat(next(two)).isEqualTo("made-ü");
    assertThat(one).isEmpty();
  }

  @Test
  void aFileThatGrowsIsToldWithoutAName() throws Exception {
    Path file = Files.createFile(directory.resolve("sync"));
    watcher.watch(file, Set.of(Change.MODIFIED), one::add);
    Files.writeString(file, "{}\n", APPEND);
    assertThat(next(one)).isEmpty();
  }

  @Test
  void aClosedWatchIsSilentAndTheOthersGoOn() throws Exception {
    Watch first = watcher.watch(directory, Set.of(Change.CREATED), one::add);
    Watch second = watcher.watch(directory, Set.of(Change.CREATED), two::add);
    first.close();
    Files.createFile(directory.resolve("a"));
    assertThat(next(two)).isEqualTo("a");
    second.close();
    second.close();
    watcher.watch(directory, Set.of(Change.CREATED), two::add);
    Files.createFile(directory.resolve("b"));
    assertThat(next(two)).isEqualTo("b");
    assertThat(one).isEmpty();
  }

  @Test
  void whenTheDirectoryIsGoneItsListenersAreToldToLook() throws Exception {
    watcher.watch(directory, Set.of(Change.MOVED_IN), one::add);
    watcher.watch(directory, Set.of(Change.REMOVED), two::add);
    Files.delete(directory);
    assertThat(next(one)).isEqualTo(FileWatcher.OVERFLOW);
    assertThat(next(two)).isEmpty();
    assertThat(next(two)).isEqualTo(FileWatcher.OVERFLOW);
    Files.createDirectory(directory);
    watcher.watch(directory, Set.of(Change.CREATED), one::add);
    Files.createFile(directory.resolve("again"));
    assertThat(next(one)).isEqualTo("again");
  }

  @Test
  void lostNotificationsAreToldToEveryListener() throws Exception {
    Path other = Files.createDirectory(base.resolve("other"));
    CountDownLatch release = new CountDownLatch(1);
    BlockingQueue<String> held = new LinkedBlockingQueue<>();
    Path first = Files.createFile(directory.resolve("first"));
    watcher.watch(
        first,
        Set.of(Change.MODIFIED),
        name -> {
          held.add(name);
          try {
            assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    watcher.watch(other, Set.of(Change.CREATED), one::add);
    watcher.watch(directory, Set.of(Change.CREATED, Change.REMOVED), name -> {});
    // Not by the JDK: it asks for one byte first, and files of /proc/sys answer only once.
    byte[] limitText = ProcFile.read("/proc/sys/fs/inotify/max_queued_events", "read the limit");
    int limit = Integer.parseInt(new String(limitText, UTF_8).trim());
    Files.writeString(first, "x");
    next(held);
    for (int i = 0; i <= limit / 2 + 1; i++) {
      Files.delete(Files.createFile(directory.resolve("f")));
    }
    release.countDown();
    assertThat(next(one)).isEqualTo(FileWatcher.OVERFLOW);
  }

  @Test
  void aListenerThatFailsDoesNotEndTheOthers() throws Exception {
    watcher.watch(
        directory,
        Set.of(Change.CREATED),
        name -> {
          throw new IllegalStateException("on purpose");
        });
    watcher.watch(directory, Set.of(Change.CREATED), one::add);
    Files.createFile(directory.resolve("a"));
    Files.createFile(directory.resolve("b"));
    assertThat(next(one)).isEqualTo("a");
    assertThat(next(one)).isEqualTo("b");
  }

  @Test
  void whatCannotBeWatchedIsAFailureOfItsKind() {
    assertThat(kindOf(() -> watcher.watch(base.resolve("no"), Set.of(Change.CREATED), one::add)))
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> watcher.watch(directory, Set.of(), one::add)))
        .isEqualTo(Kind.INVALID_ARGUMENT);
    watcher.close();
    assertThat(kindOf(() -> watcher.watch(directory, Set.of(Change.CREATED), one::add)))
        .isEqualTo(Kind.UNAVAILABLE);
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    String told = queue.poll(30, TimeUnit.SECONDS);
    assertThat(told).isNotNull();
    return told;
  }
}
