package dev.taffrail.network.cni;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must outlive a crash and a reboot: the list of each network as it was when the network was
 * made, and each {@link Attachment} from before the first plugin runs until the last has taken it
 * away. Where there is no file, no plugin has anything. Durable on return; blocks.
 */
final class AttachmentFiles {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentFiles.class);
  private static final String LIST = ".conflist";
  private static final String ATTACHMENT = ".json";
  private static final String UNFINISHED = ".new";
  private static final Set<StandardOpenOption> FRESH =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);

  /** Administrators may write secrets into lists. */
  private static final FileAttribute<?> OWNERS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path lists;
  private final Path attachments;

  /** Below an existing directory. */
  AttachmentFiles(Path root) {
    this.lists = root.resolve("networks");
    this.attachments = root.resolve("attachments");
    try {
      Files.createDirectories(lists);
      Files.createDirectories(attachments);
    } catch (IOException e) {
      throw failure("make directories below " + root, e);
    }
  }

  Optional<ConfigurationList> list(Network network) {
    Path file = listFile(network.id());
    return read(file).map(json -> ConfigurationList.parse(json, file.toString()));
  }

  void put(Network network, ConfigurationList list) {
    write(listFile(network.id()), CniJson.bytes(list.json()));
  }

  void remove(Network network) {
    delete(listFile(network.id()));
  }

  private Path listFile(String network) {
    return lists.resolve(network + LIST);
  }

  Optional<Attachment> find(Endpoint endpoint) {
    return read(file(endpoint.container(), endpoint.network()), true);
  }

  private static Optional<Attachment> read(Path file, boolean whole) {
    try {
      Optional<byte[]> json = read(file);
      return json.isEmpty()
          ? Optional.empty()
          : Optional.of(Attachment.parse(CniJson.MAPPER.readTree(json.get()), file.toString()));
    } catch (IOException | RuntimeFailure e) {
      if (whole) {
        throw new RuntimeFailure(Kind.DATA_LOSS, file + " is damaged: " + e.getMessage(), e);
      }
      LOG.error("{} is damaged, and what its plugins have made stays", file, e);
      return Optional.empty();
    }
  }

  /** Whether it has not gone meanwhile. */
  boolean holds(Attachment attachment) {
    return Files.exists(file(attachment.container(), attachment.network()));
  }

  void put(Attachment attachment) {
    write(file(attachment.container(), attachment.network()), attachment.json());
  }

  void remove(Attachment attachment) {
    delete(file(attachment.container(), attachment.network()));
  }

  private Path file(String container, String network) {
    return attachments.resolve(container + "." + network + ATTACHMENT);
  }

  /** Ordered by container and network; those that cannot be read are logged and left out. */
  List<Attachment> all() {
    try (Stream<Path> files = Files.list(attachments)) {
      List<Attachment> all = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(UNFINISHED)) {
          Files.deleteIfExists(file);
        } else {
          read(file, false).ifPresent(all::add);
        }
      }
      return all;
    } catch (IOException e) {
      throw failure("list " + attachments, e);
    }
  }

  private static Optional<byte[]> read(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure("read " + file, e);
    }
  }

  private static void write(Path file, byte[] bytes) {
    Path fresh = file.resolveSibling(file.getFileName() + UNFINISHED);
    try (FileChannel channel = FileChannel.open(fresh, FRESH, OWNERS_ALONE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(file.getParent());
    } catch (IOException e) {
      throw failure("write " + file, e);
    }
  }

  private static void delete(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        sync(file.getParent());
      }
    } catch (IOException e) {
      throw failure("remove " + file, e);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory)) {
      channel.force(true);
    }
  }

  private static RuntimeFailure failure(String attempt, IOException cause) {
    return new RuntimeFailure(Kind.INTERNAL, "Cannot " + attempt + ": " + cause, cause);
  }
}
