package dev.taffrail.network.dns;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A file of ours that is mounted into a container, so that it cannot be replaced by another one: it
 * is written in place. Readable by everybody. One object for each file; threads may share it.
 */
public final class MountedFile {
  private final Path file;
  private final Path digestFile;

  public MountedFile(Path file) {
    this.file = file;
    this.digestFile = file.resolveSibling(file.getFileName() + ".hash");
  }

  /** Empty when it is not there. */
  public synchronized String read() {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw failure("read", e);
    }
  }

  /** Writes it, and what it was written with, beside it. */
  public synchronized void write(String text) {
    replace(text);
    try {
      Path fresh = digestFile.resolveSibling(digestFile.getFileName() + ".new");
      Files.writeString(fresh, digest(text));
      Files.move(fresh, digestFile, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("write the digest of", e);
    }
  }

  /**
   * As {@link #write}, unless somebody in the container has changed it since.
   *
   * @return whether it was written
   */
  public synchronized boolean writeUnlessEdited(String text) {
    if (isEdited()) {
      return false;
    }
    write(text);
    return true;
  }

  private boolean isEdited() {
    try {
      return !Files.readString(digestFile).equals(digest(read()));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw failure("read the digest of", e);
    }
  }

  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JRE has SHA-256", e);
    }
  }

  /**
   * Writes it without a digest. One write(2) covers old and new content: where the old one was
   * longer, there are empty lines until the file is cut, so a reader sees the old file or the new
   * one, and never an end that is neither's.
   */
  synchronized void replace(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      byte[] padded = Arrays.copyOf(bytes, Math.max(bytes.length, (int) channel.size()));
      Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
      ByteBuffer content = ByteBuffer.wrap(padded);
      while (content.hasRemaining()) {
        channel.write(content, content.position());
      }
      channel.truncate(bytes.length);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw failure("write", e);
    }
  }

  private RuntimeFailure failure(String what, IOException cause) {
    return new RuntimeFailure(Kind.INTERNAL, "Cannot " + what + " " + file + ": " + cause, cause);
  }
}
