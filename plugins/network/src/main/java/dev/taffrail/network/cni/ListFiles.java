package dev.taffrail.network.cni;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Configuration lists as administrators write them. Blocks. */
final class ListFiles {
  private static final List<String> ENDINGS = List.of(".conflist", ".conf", ".json");
  private final Path directory;

  ListFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * INVALID_ARGUMENT when there is none, or what is there is none.
   *
   * @param wanted an absolute path; or the name of a file of the directory, with or without its
   *     ending, or of a list in one of them
   */
  ConfigurationList find(String wanted) {
    if (wanted.startsWith("/")) {
      return read(Path.of(wanted));
    }
    if (wanted.isEmpty() || wanted.contains("/")) {
      throw invalid("invalid conflist \"" + wanted + "\": an absolute path or a name is needed");
    }
    List<Path> files = files();
    return Stream.concat(Stream.of(""), ENDINGS.stream())
        .map(ending -> directory.resolve(wanted + ending))
        .filter(files::contains)
        .findFirst()
        .map(ListFiles::read)
        .or(() -> named(files, wanted))
        .orElseThrow(
            () -> invalid("there is no CNI configuration named " + wanted + " in " + directory));
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> ENDINGS.stream().anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException absent) {
      return List.of();
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot list " + directory + ": " + e, e);
    }
  }

  private static Optional<ConfigurationList> named(List<Path> files, String name) {
    for (Path file : files) {
      try {
        ConfigurationList list = read(file);
        if (list.name().equals(name)) {
          return Optional.of(list);
        }
      } catch (RuntimeFailure broken) {
        // Somebody else's, for all that is known.
      }
    }
    return Optional.empty();
  }

  private static ConfigurationList read(Path file) {
    try {
      return ConfigurationList.parse(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Cannot read the CNI configuration " + file + ": " + e, e);
    }
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
