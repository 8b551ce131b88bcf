package dev.taffrail.testkit.linux;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.linux.MountPoint;
import dev.taffrail.core.linux.Mounts;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** Mounts nothing, and keeps a mount table of its own. */
public final class RecordingMounts implements Mounts {
  private final List<String> calls = new ArrayList<>();
  private final List<MountPoint> table = new ArrayList<>();
  private final Deque<RuntimeFailure> failures = new ArrayDeque<>();

  /** The next call that changes something fails like this, and changes nothing. */
  public synchronized void failNext(RuntimeFailure failure) {
    failures.add(failure);
  }

  /**
   * What was called, {@code mount overlay overlay /target [options]} or {@code unmount /target}.
   */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** What is mounted, in the order it was mounted. */
  public synchronized List<MountPoint> mounted() {
    return List.copyOf(table);
  }

  @Override
  public synchronized void mount(Mount mount, Path target) {
    calls.add(
        "mount " + mount.type() + " " + mount.source() + " " + target + " " + mount.options());
    failIfAsked();
    table.add(
        new MountPoint(target, mount.type(), mount.source(), String.join(",", mount.options())));
  }

  @Override
  public synchronized void unmount(Path target, boolean detach) {
    calls.add((detach ? "detach " : "unmount ") + target);
    failIfAsked();
    for (int i = table.size() - 1; i >= 0; i--) {
      if (table.get(i).target().equals(target)) {
        table.remove(i);
        return;
      }
    }
  }

  /** Recorded as {@link #unmount}; closing does nothing. */
  @Override
  public Detached detach(Path target) {
    unmount(target, true);
    return () -> {};
  }

  @Override
  public synchronized List<MountPoint> below(Path directory) {
    List<MountPoint> found = new ArrayList<>(table);
    found.removeIf(point -> !point.target().startsWith(directory));
    Collections.reverse(found);
    found.sort(
        Comparator.comparingInt((MountPoint point) -> point.target().getNameCount()).reversed());
    return List.copyOf(found);
  }

  private void failIfAsked() {
    RuntimeFailure failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
  }
}
