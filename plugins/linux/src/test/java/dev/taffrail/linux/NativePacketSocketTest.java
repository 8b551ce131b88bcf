package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.PacketSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NativePacketSocketTest {
  private static final Server SERVER = LibraryLoader.create(Server.class).load("c");
  private static final int SIZE = 8192;

  private final NativePacketSockets sockets = new NativePacketSockets();
  private final List<Integer> descriptors = new ArrayList<>();
  @TempDir private Path directory;
  private Path path;
  private int listening;

  /** What only a server calls. */
  public interface Server {
    int bind(int socket, long address, int size);

    int listen(int socket, int backlog);

    int accept(int socket, long address, long size);
  }

  @BeforeEach
  void listen() throws IOException {
    path = directory.resolve("s");
    listening =
        Native.check(
            Native.LIBC.socket(Native.AF_UNIX, Native.SOCK_SEQPACKET | Native.SOCK_CLOEXEC, 0),
            "make a socket");
    descriptors.add(listening);
    try (Arguments arguments = new Arguments()) {
      NativeBuffer address = arguments.allocate(2 + Native.SUN_PATH_SIZE);
      address.bytes.putShort((short) Native.AF_UNIX);
      KernelText.encode(path.toString(), 0, path.toString().length(), address.bytes);
      Native.check(SERVER.bind(listening, address.address, 2 + Native.SUN_PATH_SIZE), "bind");
      Native.check(SERVER.listen(listening, 5), "listen");
    }
  }

  @AfterEach
  void closeAll() {
    descriptors.forEach(Native::closeQuietly);
  }

  @Test
  void packetsKeepTheirBoundaries() {
    try (PacketSocket client = sockets.connect(path)) {
      int server = accept();
      client.send(packet("one"));
      client.send(packet("second"));
      assertThat(serverReceives(server)).isEqualTo("one");
      assertThat(serverReceives(server)).isEqualTo("second");
      serverSends(server, "a");
      serverSends(server, "bc");
      ByteBuffer buffer = ByteBuffer.allocateDirect(100).position(10);
      assertThat(client.receive(buffer)).isEqualTo(1);
      assertThat(client.receive(buffer)).isEqualTo(2);
      assertThat(UTF_8.decode(buffer.flip().position(10)).toString()).isEqualTo("abc");
      client.shutdownOutput();
      assertThat(serverReceives(server)).isEmpty();
      serverSends(server, "still");
      assertThat(client.receive(buffer.clear())).isEqualTo(5);
    }
  }

  @Test
  void pathsLongerThanASocketAddressWork() throws IOException {
    Path deep =
        Files.createDirectories(directory.resolve("x".repeat(200)).resolve("y".repeat(200)));
    Path moved = Files.move(path, deep.resolve("z".repeat(150)));
    try (PacketSocket client = sockets.connect(moved)) {
      client.send(packet("far"));
      assertThat(serverReceives(accept())).isEqualTo("far");
    }
  }

  @Test
  void nobodyListeningIsAFailureOfItsKind() throws IOException {
    assertThat(kindOf(() -> sockets.connect(directory.resolve("none")))).isEqualTo(Kind.NOT_FOUND);
    Native.LIBC.close(listening);
    descriptors.clear();
    assertThat(kindOf(() -> sockets.connect(path))).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void aPeerThatLeavesEndsReceivingAndFailsSending() {
    try (PacketSocket client = sockets.connect(path)) {
      int server = accept();
      serverSends(server, "last");
      hangUp(server);
      ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
      assertThat(client.receive(buffer)).isEqualTo(4);
      assertThat(client.receive(buffer)).isEqualTo(-1);
      assertThat(kindOf(() -> client.send(packet("x")))).isEqualTo(Kind.ABORTED);
    }
  }

  @Test
  void nothingIsLostWhenThePeerLeavesWithoutReadingAll() {
    try (PacketSocket client = sockets.connect(path)) {
      int server = accept();
      client.send(packet("never read"));
      serverSends(server, "one");
      serverSends(server, "two");
      hangUp(server);
      ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
      assertThat(client.receive(buffer)).isEqualTo(3);
      assertThat(client.receive(buffer)).isEqualTo(3);
      assertThat(client.receive(buffer)).isEqualTo(-1);
    }
  }

  @Test
  void aPacketThatDoesNotFitIsAFailureAndNotCut() {
    try (PacketSocket client = sockets.connect(path)) {
      serverSends(accept(), "too long");
      assertThat(kindOf(() -> client.receive(ByteBuffer.allocateDirect(3))))
          .isEqualTo(Kind.OUT_OF_RANGE);
      assertThat(kindOf(() -> client.receive(ByteBuffer.allocate(3))))
          .isEqualTo(Kind.INVALID_ARGUMENT);
    }
  }

  @Test
  void closeWakesTheReceiver() throws Exception {
    PacketSocket client = sockets.connect(path);
    int server = accept();
    CompletableFuture<Integer> first = new CompletableFuture<>();
    CompletableFuture<Integer> second = new CompletableFuture<>();
    Thread receiver =
        new Thread(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
              first.complete(client.receive(buffer));
              second.complete(client.receive(buffer));
            });
    receiver.start();
    serverSends(server, "x");
    assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    client.close();
    client.close();
    assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(-1);
    receiver.join();
    assertThat(client.receive(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
    assertThat(kindOf(() -> client.send(packet("x")))).isEqualTo(Kind.ABORTED);
    assertThat(serverReceives(server)).isEmpty();
  }

  @Test
  void closeWakesASenderWhosePeerDoesNotRead() throws Exception {
    PacketSocket client = sockets.connect(path);
    accept();
    CompletableFuture<Kind> end = new CompletableFuture<>();
    CompletableFuture<Boolean> sending = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              ByteBuffer packet = ByteBuffer.allocateDirect(SIZE);
              try {
                while (true) {
                  client.send(packet.clear());
                  sending.complete(true);
                }
              } catch (RuntimeFailure failure) {
                end.complete(failure.kind());
              }
            });
    sender.start();
    assertThat(sending.get(30, TimeUnit.SECONDS)).isTrue();
    client.close();
    assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(Kind.ABORTED);
    sender.join();
  }

  private int accept() {
    int accepted = Native.check(SERVER.accept(listening, 0, 0), "accept");
    descriptors.add(accepted);
    return accepted;
  }

  private void hangUp(int server) {
    descriptors.remove((Integer) server);
    Native.LIBC.close(server);
  }

  private static String serverReceives(int server) {
    NativeBuffer buffer = new NativeBuffer(SIZE);
    int size = Native.check(Native.LIBC.recv(server, buffer.address, SIZE, 0), "receive");
    return KernelText.decode(buffer.bytes, 0, size);
  }

  private static void serverSends(int server, String text) {
    NativeBuffer buffer = new NativeBuffer(SIZE);
    buffer.string(text);
    Native.check(
        Native.LIBC.send(server, buffer.address, text.length(), Native.MSG_NOSIGNAL), "send");
  }

  private static ByteBuffer packet(String text) {
    return ByteBuffer.allocateDirect(100).put(text.getBytes(UTF_8)).flip();
  }
}
