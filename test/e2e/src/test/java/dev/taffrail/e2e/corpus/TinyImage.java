package dev.taffrail.e2e.corpus;

import dev.taffrail.testkit.daemon.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A root file system of 200 bytes, so that a corpus stays small: the program {@code /tiny}, for
 * x86-64 alone. {@code /tiny TEXT CODE} prints the text and ends with the code, a digit; {@code
 * /tiny} waits until it is killed.
 */
final class TinyImage {
  // An ELF header, and: write(1, argv[1] + "\n"), exit(argv[2] - '0'); without argv[1], pause().
  private static final String PROGRAM =
      "7f454c4602010100000000000000000002003e00010000007800400000000000"
          + "4000000000000000000000000000000000000000400038000100000000000000"
          + "0100000005000000000000000000000000004000000000000000400000000000"
          + "c800000000000000c80000000000000000100000000000004c8b24244983fc02"
          + "7c3d488b74241031d2803c16007404ffc2ebf6c604160affc2bf01000000b801"
          + "0000000f0531ff4983fc037c0b488b7424180fb63e83ef30b83c0000000f05b8"
          + "220000000f05ebf7";

  private TinyImage() {}

  static byte[] tar() {
    try {
      Path root = Files.createTempDirectory("taffrail-tiny");
      try {
        Path program = Files.write(root.resolve("tiny"), HexFormat.of().parseHex(PROGRAM));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return run("tar", "-C", root.toString(), "-c", ".");
      } finally {
        run("rm", "-rf", root.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] run(String... command) {
    return Commands.run(Map.of(), new byte[0], List.of(command)).succeeded().bytes();
  }
}
