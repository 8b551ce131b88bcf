package dev.taffrail.network.cni;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where plugins are. Blocks.
 *
 * @param directories looked through in this order
 */
record PluginPrograms(List<Path> directories) {
  PluginPrograms {
    directories = List.copyOf(directories);
  }

  /** INVALID_ARGUMENT when there is none. */
  Path find(String type) {
    return directories.stream()
        .map(directory -> directory.resolve(type))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst()
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.INVALID_ARGUMENT,
                    "failed to find CNI plugin \"" + type + "\" in " + directories));
  }

  /** {@code CNI_PATH}, by which plugins find those that they call. */
  String path() {
    return directories.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
