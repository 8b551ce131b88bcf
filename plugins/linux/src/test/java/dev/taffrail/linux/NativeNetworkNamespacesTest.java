package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStack.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RootOnly
@Timeout(60)
class NativeNetworkNamespacesTest {
  private static final Path THREAD = Path.of("/proc/thread-self/ns/net");

  @TempDir private Path directory;
  private Namespaces namespaces;
  private NativeNetworkNamespaces port;

  @BeforeEach
  void start() {
    namespaces = new Namespaces(directory);
    port = namespaces.port;
  }

  @AfterEach
  void removeAll() {
    namespaces.close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void itIsThereUntilItIsRemoved() throws IOException {
    String own = Files.readSymbolicLink(THREAD).toString();
    Path path = namespaces.make("one");
    assertThat(port.exists(path)).isTrue();
    String inside = port.within(path, () -> Files.readSymbolicLink(THREAD).toString());
    assertThat(inside).startsWith("net:[").isNotEqualTo(own);
    assertThat(port.within(path, () -> Files.readSymbolicLink(THREAD).toString()))
        .isEqualTo(inside);
    assertThat(Files.readSymbolicLink(THREAD).toString()).isEqualTo(own);
    port.remove(path);
    assertThat(port.exists(path)).isFalse();
    assertThat(path).doesNotExist();
    port.remove(path);
    port.remove(directory.resolve("no/such/directory"));
    assertThat(port.exists(directory.resolve("no/such/directory"))).isFalse();
  }

  @Test
  void whatIsThereAlreadyIsRefusedAndAPlainFileTakenOver() throws IOException {
    Path path = namespaces.make("one");
    assertThat(kindOf(() -> port.create(path))).isEqualTo(Kind.ALREADY_EXISTS);
    port.remove(path);
    Files.createFile(path);
    assertThat(port.exists(path)).isFalse();
    assertThat(kindOf(() -> port.within(path, () -> 1))).isEqualTo(Kind.NOT_FOUND);
    port.create(path);
    assertThat(port.exists(path)).isTrue();
    assertThat(kindOf(() -> port.create(directory.resolve("no/such/directory"))))
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(kindOf(() -> port.within(directory.resolve("none"), () -> 1)))
        .isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void namespacesOfOtherKindsAreNotMeant() {
    assertThat(port.exists(Path.of("/proc/self/ns/net"))).isTrue();
    assertThat(port.exists(Path.of("/proc/self/ns/mnt"))).isFalse();
    assertThat(port.exists(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void theNamespaceOfAProcessCanBeEntered() throws Exception {
    Process process =
        new ProcessBuilder("unshare", "--net", "sh", "-c", "echo; exec cat")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('\n');
      Path theirs = Path.of("/proc/" + process.pid() + "/ns/net");
      String inside = port.within(theirs, () -> Files.readSymbolicLink(THREAD).toString());
      assertThat(inside).isEqualTo(Files.readSymbolicLink(theirs).toString());
      try (NetworkStack stack = namespaces.stacks.open(theirs)) {
        assertThat(stack.link("lo").orElseThrow().up()).isFalse();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void sysctlsAreThoseOfTheNamespace() {
    Path path = namespaces.make("one");
    Path forwarding = Path.of("/proc/sys/net/ipv4/ip_forward");
    port.within(path, () -> Files.writeString(forwarding, "1"));
    String on = port.within(path, () -> Files.readString(forwarding));
    assertThat(on.strip()).isEqualTo("1");
    port.within(path, () -> Files.writeString(forwarding, "0"));
    String off = port.within(path, () -> Files.readString(forwarding));
    assertThat(off.strip()).isEqualTo("0");
  }

  @Test
  void failuresOfTheWorkArriveAndTheThreadIsGone() {
    Path path = namespaces.make("one");
    assertThatThrownBy(
            () ->
                port.within(
                    path,
                    () -> {
                      throw new IllegalStateException("odd");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("odd");
    assertThatThrownBy(
            () ->
                port.within(
                    path,
                    () -> {
                      throw new IOException("no");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("no");
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("linux-namespace");
  }

  /** Here one that was cloned while the namespace was there, and gets no word of unmounting. */
  @Test
  void aCopyOfTheMountElsewhereDoesNotKeepItAlive() throws Exception {
    Path host = namespaces.make("host");
    Path one = namespaces.make("one");
    NetworkStack stack = namespaces.open(host);
    Process process =
        new ProcessBuilder(
                "unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; exec cat")
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('\n');
      Path copies = Path.of("/proc/" + process.pid() + "/mountinfo");
      assertThat(Files.readString(copies)).contains(one.toString());
      stack.createVeth(
          new End("veth1", Optional.empty()), new End("eth0", Optional.empty()), one, 1500);
      port.remove(one);
      assertThat(Files.readString(copies)).doesNotContain(one + " ");
      while (stack.link("veth1").isPresent()) {
        // The kernel ends namespaces later, and with it the other end of the pair.
        Thread.onSpinWait();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
