package dev.taffrail.shim.oci;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.FileStat;
import dev.taffrail.core.linux.Tree;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.task.TaskSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Completes an OCI bundle whose root file system is mounted at {@code rootfs}. */
public final class BundleWriter {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final int DIRECTORY_MODE = 0755;

  private final Trees trees;
  private final HostFacts host;
  private final SeccompProfiles profiles;

  /**
   * A writer for this host as it is now.
   *
   * @param swapAccounting whether swap can be limited
   */
  public BundleWriter(Trees trees, SeccompProfiles profiles, boolean swapAccounting) {
    this.trees = trees;
    this.profiles = profiles;
    this.host = HostFacts.read(swapAccounting);
  }

  /**
   * Writes {@code config.json} and the files it names, and makes the working directory.
   * INVALID_ARGUMENT with Docker's words when a user, device or profile is no good.
   *
   * @param cgroup below the root of every hierarchy
   * @param compiled whether the runtime takes compiled seccomp filters, as crun does
   */
  public void write(Path bundle, TaskSpec spec, String cgroup, boolean compiled) {
    Path rootfs = bundle.resolve("rootfs");
    ContainerUser user;
    try (Tree tree = trees.open(rootfs)) {
      user = UserLookup.in(tree).find(spec.user(), spec.additionalGroups());
      makeWorkingDirectory(tree, spec.workingDirectory());
    }
    List<EtcFiles.EtcFile> files = EtcFiles.write(bundle, spec);
    byte[] configuration;
    try {
      configuration =
          JSON.writeValueAsBytes(
              new OciConfiguration(spec, host, profiles, user, rootfs, files, cgroup)
                  .build(compiled));
      Files.write(bundle.resolve("config.json"), configuration);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot write the configuration in " + bundle, failure);
    }
  }

  /** Owned by root, as Docker makes it; links inside the root are followed. */
  private static void makeWorkingDirectory(Tree tree, String directory) {
    Path path = Path.of("/").resolve(directory).normalize();
    for (int count = 1; count <= path.getNameCount(); count++) {
      String name = path.subpath(0, count).toString();
      Optional<FileStat> found = tree.stat(name);
      if (found.isEmpty()) {
        tree.makeDirectory(name, DIRECTORY_MODE);
      } else if (!found.get().isDirectory() && !found.get().isSymbolicLink()) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "Cannot mkdir: /" + name + " is not a directory");
      }
    }
  }
}
