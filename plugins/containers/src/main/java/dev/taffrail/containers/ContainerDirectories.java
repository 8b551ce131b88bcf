package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/** One directory per container, {@code <root>/<id>}, with the output of all its runs. Blocks. */
final class ContainerDirectories {
  private static final String LOG = "container.log";
  private final Path root;

  ContainerDirectories(Path root) {
    this.root = root;
  }

  Path log(String id) {
    return root.resolve(id).resolve(LOG);
  }

  void create(String id) {
    try {
      Files.createDirectories(root.resolve(id));
    } catch (IOException e) {
      throw failure("create the directory of container " + id, e);
    }
  }

  /** Absent is fine. */
  void remove(String id) {
    try {
      Files.walkFileTree(
          root.resolve(id),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException absent) {
      return;
    } catch (IOException e) {
      throw failure("remove the directory of container " + id, e);
    }
  }

  /** The containers that have one. */
  List<String> list() {
    try (Stream<Path> directories = Files.list(root)) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException absent) {
      return List.of();
    } catch (IOException e) {
      throw failure("list " + root, e);
    }
  }

  private static RuntimeFailure failure(String what, IOException cause) {
    return new RuntimeFailure(Kind.INTERNAL, "Cannot " + what + ": " + cause, cause);
  }
}
