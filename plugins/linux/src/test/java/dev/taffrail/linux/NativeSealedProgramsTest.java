package dev.taffrail.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.linux.SealedPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

class NativeSealedProgramsTest {
  private static final Path SHELL = Path.of("/bin/sh");

  @Test
  void aSealedCopyRunsAndCannotBeChanged() throws Exception {
    Path path;
    try (SealedPrograms.Sealed sealed = new NativeSealedPrograms().seal(SHELL)) {
      path = sealed.path();
      assertThat(Files.readAllBytes(path)).isEqualTo(Files.readAllBytes(SHELL));
      Process process = new ProcessBuilder(path.toString(), "-c", "exit 3").start();
      assertThat(process.waitFor()).isEqualTo(3);
      assertThatThrownBy(() -> Files.write(path, new byte[] {1}, StandardOpenOption.WRITE))
          .isInstanceOf(IOException.class);
    }
    assertThat(path).doesNotExist();
  }
}
