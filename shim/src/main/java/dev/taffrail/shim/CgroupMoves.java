package dev.taffrail.shim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel ready for moving processes between cgroups of version 1. The first move after a
 * while waits for an RCU grace period, some 10 ms [1], and for each container the runtime makes
 * such a move. A move that changes nothing, made when a container is about to be created, has that
 * time pass while other things are done; moves within the next grace period are quick. With version
 * 2 alone processes are born in their cgroup (CLONE_INTO_CGROUP), and nothing is moved.
 *
 * <ol>
 *   <li>{@code cgroup_threadgroup_rwsem} in kernel/cgroup/cgroup.c, rcu_sync_enter() in
 *       kernel/rcu/sync.c
 * </ol>
 */
final class CgroupMoves implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupMoves.class);
  private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");
  private static final Path MEMBERSHIP = Path.of("/proc/self/cgroup");

  /** Means the writer itself; see cgroups(7). */
  private static final byte[] MYSELF = {'0'};

  private final AtomicBoolean pending = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "taffrail-cgroup-moves");
            made.setDaemon(true);
            return made;
          });

  /** A process will be moved soon. Returns at once; any thread. */
  void expect() {
    if (pending.compareAndSet(false, true)) {
      try {
        thread.execute(this::prepare);
      } catch (RejectedExecutionException stopped) {
        LOG.debug("No process is moved any more: the plugin has stopped");
      }
    }
  }

  private void prepare() {
    pending.set(false);
    try {
      // Read each time: somebody may have moved the daemon, and it is to stay there.
      Optional<Path> members =
          own(
              Files.readString(MOUNT_INFO, StandardCharsets.UTF_8),
              Files.readString(MEMBERSHIP, StandardCharsets.UTF_8));
      if (members.isPresent()) {
        Files.write(members.get(), MYSELF, StandardOpenOption.WRITE);
      }
    } catch (IOException refused) {
      LOG.debug("The first move between cgroups will take its time", refused);
    }
  }

  /**
   * The file that lists this process in some hierarchy of version 1; empty without any.
   *
   * @param mountInfo of {@code /proc/self/mountinfo}
   * @param membership of {@code /proc/self/cgroup}
   */
  static Optional<Path> own(String mountInfo, String membership) {
    for (String line : mountInfo.split("\n", -1)) {
      int separator = line.indexOf(" - ");
      if (separator < 0) {
        continue;
      }
      List<String> fields = List.of(line.substring(0, separator).split(" ", -1));
      List<String> source = List.of(line.substring(separator + 3).split(" ", -1));
      if (source.get(0).equals("cgroup") && fields.get(3).equals("/")) {
        List<String> controllers = List.of(source.get(2).split(",", -1));
        Optional<String> path = pathOf(controllers, membership);
        if (path.isPresent()) {
          return Optional.of(Path.of(fields.get(4) + path.get()).resolve("cgroup.procs"));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> pathOf(List<String> controllers, String membership) {
    for (String line : membership.split("\n", -1)) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3
          && !parts[1].isEmpty()
          && controllers.containsAll(List.of(parts[1].split(",", -1)))) {
        return Optional.of(parts[2]);
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
