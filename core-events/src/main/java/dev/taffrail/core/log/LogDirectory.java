package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a log: {@code db}, {@code head}, {@code ballast}, and {@code quarantine/<time>/}
 * with what was found damaged. A rebuilt database is made in {@code db.building}, gets the name
 * {@code db.salvaged} once it is whole, and then replaces {@code db}; a crash in between is made
 * good at the next start.
 */
record LogDirectory(Path root) {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

  /** How directories begin into which archived segments are unpacked for a while. */
  static final String UNPACKED = "archived-";

  private static final String PENDING = "pending";
  private static final String MANIFEST = "MANIFEST-";

  Path database() {
    return root.resolve("db");
  }

  Path head() {
    return root.resolve("head");
  }

  Path building() {
    return root.resolve("db.building");
  }

  /** Takes room on the disk that is given up when there is no other. */
  Path ballast() {
    return root.resolve("ballast");
  }

  /** Returns false when there is none. */
  boolean giveUpBallast() {
    try {
      return Files.deleteIfExists(ballast());
    } catch (IOException e) {
      return false;
    }
  }

  Path rebuilding() {
    return root.resolve("db.rebuilding");
  }

  /** Where what can be found in the files of a database is put together. */
  Path wreck() {
    return root.resolve("db.wreck");
  }

  private Path rebuilt() {
    return root.resolve("db.rebuilt");
  }

  private Path replaced() {
    return root.resolve("db.replaced");
  }

  private Path damaged() {
    return root.resolve("damaged");
  }

  /** Remembers for the next start that something was found damaged. */
  void noteDamage(String finding) {
    try {
      if (Files.notExists(damaged())) {
        Files.writeString(damaged(), finding);
        sync(root);
      }
    } catch (IOException e) {
      LOG.warn("Cannot note the damage of the event log: {}", e.toString());
    }
  }

  /** What was found damaged since the last start. */
  Optional<String> damage() {
    try {
      return Files.exists(damaged()) ? Optional.of(Files.readString(damaged())) : Optional.empty();
    } catch (IOException e) {
      return Optional.of("the note of what was found damaged cannot be read: " + e.getMessage());
    }
  }

  void forgetDamage() {
    io(() -> Files.deleteIfExists(damaged()));
  }

  private Path salvaged() {
    return root.resolve("db.salvaged");
  }

  private Path quarantine() {
    return root.resolve("quarantine");
  }

  /** Finishes a replacement that a crash interrupted, and removes an unfinished rebuild. */
  void recover(String stamp) {
    io(
        () -> {
          Files.createDirectories(root);
          delete(building());
          delete(wreck());
          deleteUnpacked();
          finishRebuild();
          if (Files.exists(salvaged())) {
            if (Files.exists(database())) {
              move(database(), quarantine().resolve(stamp).resolve("db"));
            }
            move(salvaged(), database());
          }
        });
  }

  private void deleteUnpacked() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(root, UNPACKED + "*")) {
      for (Path directory : left) {
        delete(directory);
      }
    }
  }

  private void finishRebuild() throws IOException {
    if (Files.exists(rebuilt())) {
      if (Files.exists(database())) {
        delete(replaced());
        move(database(), replaced());
      }
      move(rebuilt(), database());
    }
    delete(replaced());
  }

  /** Puts the whole database in {@code db.rebuilding} in the place of the one it is made from. */
  void replaceByRebuilt() {
    io(
        () -> {
          move(rebuilding(), rebuilt());
          finishRebuild();
        });
  }

  /** An unfinished rebuild is of no use. */
  void dropRebuild() {
    io(() -> delete(rebuilding()));
  }

  /** Whether there is a database without any description: opening would make a new one of it. */
  boolean lacksManifest() {
    try (Stream<Path> files = Files.exists(database()) ? Files.list(database()) : Stream.empty()) {
      return manifests().isEmpty()
          && files.anyMatch(file -> file.getFileName().toString().matches("[0-9]+\\.(sst|log)"));
    } catch (IOException e) {
      return false;
    }
  }

  private List<Path> manifests() throws IOException {
    if (Files.notExists(database())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(database())) {
      return files
          .filter(file -> file.getFileName().toString().matches(MANIFEST + "[0-9]+"))
          .sorted(Comparator.comparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  /** Puts the whole database in {@code db.building} in the place of the damaged one. */
  void replace(String stamp) {
    io(() -> move(building(), salvaged()));
    recover(stamp);
  }

  /** Moves a database that cannot be opened away; returns where it is. */
  Path moveAside(String stamp) {
    Path aside = quarantine().resolve(stamp).resolve("db");
    io(() -> move(database(), aside));
    return aside;
  }

  /**
   * Makes the database's file {@code CURRENT} name its newest manifest again when it is lost or
   * damaged; true if that was needed and done.
   */
  boolean restoreCurrent() {
    Path current = database().resolve("CURRENT");
    List<Path> manifests = new ArrayList<>();
    io(
        () -> {
          if (Files.exists(database()) && !namesManifest(current)) {
            manifests.addAll(manifests());
          }
          if (!manifests.isEmpty()) {
            Path made = database().resolve("CURRENT.restored");
            Path newest = manifests.get(manifests.size() - 1);
            Files.writeString(made, newest.getFileName() + "\n");
            sync(made);
            Files.move(made, current, StandardCopyOption.ATOMIC_MOVE);
            sync(database());
          }
        });
    return !manifests.isEmpty();
  }

  private boolean namesManifest(Path current) throws IOException {
    if (Files.notExists(current)) {
      return false;
    }
    String name = new String(Files.readAllBytes(current), StandardCharsets.ISO_8859_1);
    return name.matches(MANIFEST + "[0-9]+\n") && Files.exists(database().resolve(name.strip()));
  }

  /** Links write-ahead logs aside, since opening the database removes them. */
  void keepWriteAheadLogs() {
    io(
        () -> {
          if (Files.notExists(database())) {
            return;
          }
          // Links that a start before this one left are kept: it may have died in the middle.
          Path kept = quarantine().resolve(PENDING);
          Files.createDirectories(kept);
          try (DirectoryStream<Path> logs = Files.newDirectoryStream(database(), "*.log")) {
            for (Path log : logs) {
              if (Files.notExists(kept.resolve(log.getFileName()))) {
                Files.createLink(kept.resolve(log.getFileName()), log);
              }
            }
          }
        });
  }

  /** Nothing was lost, so the links are not needed. */
  void dropWriteAheadLogs() {
    io(() -> delete(quarantine().resolve(PENDING)));
  }

  /** Something was lost; returns where the write-ahead logs are, relative to the directory. */
  String quarantineWriteAheadLogs(String stamp) {
    Path target = quarantine().resolve(stamp).resolve("wal");
    io(
        () -> {
          if (Files.exists(quarantine().resolve(PENDING))) {
            move(quarantine().resolve(PENDING), target);
          }
        });
    return root.relativize(target).toString();
  }

  private static void move(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    sync(from.getParent());
    sync(to.getParent());
  }

  static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      channel.force(true);
    }
  }

  static void delete(Path tree) throws IOException {
    if (Files.notExists(tree)) {
      return;
    }
    List<Path> deepestFirst = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(tree)) {
      walk.sorted(Comparator.reverseOrder()).forEach(deepestFirst::add);
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  private void io(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INTERNAL, "Cannot prepare the event log in " + root + ": " + e, e);
    }
  }

  /** Work on files. */
  private interface Step {
    void run() throws IOException;
  }
}
