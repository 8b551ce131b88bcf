package dev.taffrail.network.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountedFileTest {
  @TempDir private Path directory;

  @Test
  void itIsWrittenInPlaceWhateverItsLength() throws IOException {
    Path path = directory.resolve("resolv.conf");
    MountedFile file = new MountedFile(path);
    assertThat(file.read()).isEmpty();
    file.write("first\n");
    Object inode = Files.getAttribute(path, "unix:ino");
    for (String text : List.of("something longer\n", "x\n", "", "again\n".repeat(3000))) {
      assertThat(file.writeUnlessEdited(text)).isTrue();
      assertThat(Files.readString(path)).isEqualTo(text);
      assertThat(file.read()).isEqualTo(text);
    }
    assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(inode);
  }

  @Test
  void whatSomebodyWroteInTheContainerStays() throws IOException {
    Path path = directory.resolve("resolv.conf");
    MountedFile file = new MountedFile(path);
    assertThat(file.writeUnlessEdited("ours\n")).isTrue();
    Files.writeString(path, "theirs\n");
    assertThat(new MountedFile(path).writeUnlessEdited("ours again\n")).isFalse();
    assertThat(Files.readString(path)).isEqualTo("theirs\n");
    file.write("ours anew\n");
    assertThat(file.writeUnlessEdited("ours for good\n")).isTrue();
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "untouched");
    Path path = Files.createSymbolicLink(directory.resolve("hosts"), other);
    assertThatThrownBy(() -> new MountedFile(path).replace("text"))
        .isInstanceOf(RuntimeFailure.class);
    assertThat(Files.readString(other)).isEqualTo("untouched");
  }
}
