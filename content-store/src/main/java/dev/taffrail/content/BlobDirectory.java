package dev.taffrail.content;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Blobs as files of an OCI image layout ({@code image-layout.md} of the OCI image specification):
 * {@code oci-layout}, {@code index.json}, {@code blobs/<algorithm>/<hex>}; and {@code ingests/}.
 * Every method blocks.
 */
final class BlobDirectory {
  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String INDEX =
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
          + "\"manifests\":[]}";

  private final Path root;

  BlobDirectory(Path root) {
    this.root = root;
  }

  /** Makes what is missing. */
  void create() {
    try {
      Files.createDirectories(blobs("sha256"));
      Files.createDirectories(blobs("sha512"));
      Files.createDirectories(ingests());
      write("oci-layout", LAYOUT);
      write("index.json", INDEX);
      Disk.sync(root.resolve("blobs"));
      Disk.sync(root);
    } catch (IOException e) {
      throw Disk.failure("create the content store in " + root, e);
    }
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    if (Files.notExists(file)) {
      Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
    }
  }

  private Path blobs(String algorithm) {
    return root.resolve("blobs").resolve(algorithm);
  }

  /** Holds one directory for each ingest. */
  Path ingests() {
    return root.resolve("ingests");
  }

  private Path file(Digest digest) {
    return blobs(digest.algorithm()).resolve(digest.hex());
  }

  /** DATA_LOSS when the file of a known blob is gone. */
  FileChannel open(Digest digest) {
    try {
      return FileChannel.open(file(digest), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure(
          Kind.DATA_LOSS, "The file of content " + digest + " is missing: " + file(digest), e);
    } catch (IOException e) {
      throw Disk.failure("open content " + digest, e);
    }
  }

  /** Moves a synced file to its place; the name is durable on return. */
  void publish(Path data, Digest digest) {
    Path target = file(digest);
    try {
      // rename(2) is atomic only inside one file system, so ingests live beside blobs.
      Files.move(data, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Disk.sync(target.getParent());
    } catch (IOException e) {
      throw Disk.failure("move content to " + target, e);
    }
  }

  /** Removes the file of a blob; a missing one is fine. */
  void delete(Digest digest) {
    try {
      Files.deleteIfExists(file(digest));
    } catch (IOException e) {
      throw Disk.failure("delete content " + digest, e);
    }
  }

  /** The digests that have a file; what is no blob is not mentioned. */
  List<Digest> list() {
    List<Digest> found = new ArrayList<>();
    for (String algorithm : List.of("sha256", "sha512")) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(blobs(algorithm))) {
        for (Path file : files) {
          parse(algorithm + ":" + file.getFileName()).ifPresent(found::add);
        }
      } catch (IOException e) {
        throw Disk.failure("list content in " + blobs(algorithm), e);
      }
    }
    return found;
  }

  /** Empty for a file that is not ours: the layout is open to other tools. */
  private static Optional<Digest> parse(String name) {
    try {
      return Optional.of(Digest.parse(name));
    } catch (RuntimeFailure e) {
      return Optional.empty();
    }
  }
}
