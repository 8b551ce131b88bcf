package dev.taffrail.shim;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mounts;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends file systems that are out of sight. An overlay has everything written out that the disk
 * below it owes to anybody, so nobody waits for that but a new task of the same id: two overlays
 * must not write to one directory.
 */
final class DetachedMounts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DetachedMounts.class);
  private static final long STOP_SECONDS = 10;

  private final ConcurrentMap<String, CompletableFuture<Void>> ending = new ConcurrentHashMap<>();
  private final ExecutorService thread;

  DetachedMounts() {
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "taffrail-unmount");
              made.setDaemon(true);
              return made;
            });
  }

  /** Takes over what task {@code id} had mounted. */
  void end(String id, List<Mounts.Detached> mounts) {
    CompletableFuture<Void> done;
    try {
      done = CompletableFuture.runAsync(() -> close(id, mounts), thread);
    } catch (RejectedExecutionException stopped) {
      close(id, mounts);
      return;
    }
    // In place of an earlier one, which the thread has finished before this one.
    ending.put(id, done);
    var unused = done.whenComplete((nothing, failure) -> ending.remove(id, done));
  }

  private static void close(String id, List<Mounts.Detached> mounts) {
    for (Mounts.Detached mount : mounts) {
      try {
        mount.close();
      } catch (RuntimeFailure failure) {
        LOG.warn("Cannot end a file system of task {}", id, failure);
      }
    }
  }

  /** Blocks until nothing that task {@code id} had mounted is left. */
  void await(String id) {
    CompletableFuture<Void> pending = ending.get(id);
    if (pending != null) {
      pending.join();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("File systems are still being unmounted");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
