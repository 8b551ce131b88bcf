package dev.taffrail.http.server;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;

/**
 * The file of a listening unix socket; every method blocks. A bound socket is writable by its owner
 * only until {@link #open} has run, since Linux checks write permission on connect, see unix(7).
 */
final class UnixSocketFile {
  private static final String DEFAULT_GROUP = "docker";

  private final Path path;
  private Object inode;

  UnixSocketFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /**
   * Makes the way free: creates the directory, removes a socket nobody listens on.
   * FAILED_PRECONDITION when somebody does, or when the file is no socket.
   */
  void prepare() {
    try {
      Files.createDirectories(path.getParent());
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isOther()) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION, "Cannot listen on " + path + ": it exists and is no socket");
      }
      if (isAlive()) {
        throw new RuntimeFailure(
            Kind.FAILED_PRECONDITION,
            "Cannot listen on " + path + ": another daemon is listening there");
      }
      Files.delete(path);
    } catch (NoSuchFileException e) {
      // Nothing there: the usual case.
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot prepare the socket " + path, e);
    }
  }

  private boolean isAlive() {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Opens the bound socket to the group, which is {@code docker} when none is named: 0660. */
  void open(Optional<String> group) {
    try {
      inode = key();
      Optional<GroupPrincipal> owner = lookUp(group);
      PosixFileAttributeView view =
          Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (owner.isPresent()) {
        view.setGroup(owner.get());
      }
      // chmod(2) has no variant that does not follow links; the directory is the daemon's own.
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot set owner and mode of " + path, e);
    }
  }

  private Optional<GroupPrincipal> lookUp(Optional<String> group) throws IOException {
    try {
      return Optional.of(
          FileSystems.getDefault()
              .getUserPrincipalLookupService()
              .lookupPrincipalByGroupName(group.orElse(DEFAULT_GROUP)));
    } catch (UserPrincipalNotFoundException e) {
      if (group.isPresent()) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "Cannot give " + path + " to group " + group.get() + ": there is no such group",
            e);
      }
      return Optional.empty();
    }
  }

  /** Removes the file, unless another daemon has put its own there. */
  void remove() {
    try {
      if (inode != null && inode.equals(key())) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // Gone already.
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, "Cannot remove the socket " + path, e);
    }
  }

  private Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }
}
