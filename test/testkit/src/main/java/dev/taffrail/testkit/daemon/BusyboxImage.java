package dev.taffrail.testkit.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/** A root file system from Debian's static busybox, as a tar archive. */
public final class BusyboxImage {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private BusyboxImage() {}

  /** All applets in {@code /bin}, and {@code /etc/notexec}, which cannot be executed. */
  public static byte[] tar() {
    try {
      Path root = Files.createTempDirectory("taffrail-busybox");
      try {
        fill(root);
        return Commands.run(Map.of(), new byte[0], List.of("tar", "-C", root.toString(), "-c", "."))
            .succeeded()
            .bytes();
      } finally {
        Commands.run(Map.of(), new byte[0], List.of("rm", "-rf", root.toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same tree as files below {@code root}. */
  public static void fill(Path root) throws IOException {
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("etc"));
    Files.createDirectories(root.resolve("tmp"));
    Files.copy(BUSYBOX, root.resolve("bin/busybox"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String applet :
        Commands.run(Map.of(), new byte[0], List.of(BUSYBOX.toString(), "--list"))
            .succeeded()
            .out()
            .lines()
            .toList()) {
      if (!applet.equals("busybox")) {
        Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
      }
    }
    Files.writeString(root.resolve("etc/notexec"), "no program\n", StandardCharsets.UTF_8);
  }
}
