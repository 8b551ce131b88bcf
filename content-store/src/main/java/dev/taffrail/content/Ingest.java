package dev.taffrail.content;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.content.IngestStatus;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One ingest: a directory with the file {@code ref}, which holds the reference, and the file {@code
 * data}. The digest is computed while writing. Every method blocks; not for concurrent use.
 */
final class Ingest implements AutoCloseable {
  private static final int BUFFER = 1 << 17;

  private final Path directory;
  private final String reference;
  private final FileChannel channel;
  private MessageDigest digest;
  private long offset;

  private Ingest(Path directory, String reference, FileChannel channel, MessageDigest digest) {
    this.directory = directory;
    this.reference = reference;
    this.channel = channel;
    this.digest = digest;
  }

  /** Where the ingest of a reference is, below {@code ingests}. */
  static Path directory(Path ingests, String reference) {
    return ingests.resolve(Digest.sha256(reference.getBytes(StandardCharsets.UTF_8)).hex());
  }

  /** Opens or resumes; what is there already is read once, for the digest. */
  static Ingest open(Path ingests, String reference, String algorithm) {
    Path directory = directory(ingests, reference);
    try {
      Files.createDirectories(directory);
      Path named = directory.resolve("ref");
      if (Files.notExists(named)) {
        Files.writeString(named, reference);
      }
      FileChannel channel =
          FileChannel.open(
              directory.resolve("data"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      Ingest ingest = new Ingest(directory, reference, channel, newDigest(algorithm));
      try {
        ingest.readBack();
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      return ingest;
    } catch (IOException e) {
      throw Disk.failure("open the ingest " + reference, e);
    }
  }

  private static MessageDigest newDigest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has " + algorithm, e);
    }
  }

  private void readBack() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    while (channel.read(buffer) >= 0) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    offset = channel.position();
  }

  IngestStatus status() {
    return status(directory)
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "No ingest " + reference));
  }

  void write(ByteBuffer bytes) {
    try {
      digest.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        offset += channel.write(bytes);
      }
    } catch (IOException e) {
      throw Disk.failure("write to the ingest " + reference, e);
    }
  }

  void truncate() {
    try {
      channel.truncate(0);
      channel.position(0);
      digest.reset();
      offset = 0;
    } catch (IOException e) {
      throw Disk.failure("truncate the ingest " + reference, e);
    }
  }

  /** FAILED_PRECONDITION, as containerd words it, unless all is as expected; durable on return. */
  Digest finish(String algorithm, OptionalLong size, Optional<Digest> expected) {
    if (size.isPresent() && size.getAsLong() != offset) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "unexpected commit size " + offset + ", expected " + size.getAsLong());
    }
    Digest actual = new Digest(algorithm, HexFormat.of().formatHex(copyOfDigest().digest()));
    if (expected.isPresent() && !expected.get().equals(actual)) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "unexpected commit digest " + actual + ", expected " + expected.get());
    }
    try {
      channel.force(true);
    } catch (IOException e) {
      throw Disk.failure("sync the ingest " + reference, e);
    }
    return actual;
  }

  // A commit that is refused leaves the ingest as it was, so its digest must go on.
  private MessageDigest copyOfDigest() {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("The JDK's digests can be cloned", e);
    }
  }

  long size() {
    return offset;
  }

  Path data() {
    return directory.resolve("data");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Disk.failure("close the ingest " + reference, e);
    }
  }

  /** Drops an ingest, open or not; false when there is none. */
  static boolean remove(Path directory) {
    try {
      if (Files.notExists(directory)) {
        return false;
      }
      // The reference goes last, so that an ingest half removed still says what it is.
      Files.deleteIfExists(directory.resolve("data"));
      Files.deleteIfExists(directory.resolve("ref"));
      Files.deleteIfExists(directory);
      return true;
    } catch (IOException e) {
      throw Disk.failure("remove the ingest " + directory, e);
    }
  }

  static List<IngestStatus> list(Path ingests) {
    List<IngestStatus> found = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(ingests)) {
      for (Path directory : directories) {
        status(directory).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw Disk.failure("list ingests", e);
    }
    return found;
  }

  /** Removes directories that are no ingest: a crash came before their reference was written. */
  static void sweep(Path ingests) {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(ingests)) {
      for (Path directory : directories) {
        if (status(directory).isEmpty()) {
          remove(directory);
        }
      }
    } catch (IOException e) {
      throw Disk.failure("sweep ingests", e);
    }
  }

  private static Optional<IngestStatus> status(Path directory) {
    Path named = directory.resolve("ref");
    Path data = directory.resolve("data");
    try {
      if (Files.notExists(named) || Files.notExists(data)) {
        return Optional.empty();
      }
      String reference = Files.readString(named);
      Instant started = Files.getLastModifiedTime(named).toInstant();
      Instant updated = Files.getLastModifiedTime(data).toInstant();
      boolean whole = directory(directory.getParent(), reference).equals(directory);
      return whole
          ? Optional.of(new IngestStatus(reference, Files.size(data), started, updated))
          : Optional.empty();
    } catch (IOException e) {
      throw Disk.failure("read the ingest " + directory, e);
    }
  }
}
