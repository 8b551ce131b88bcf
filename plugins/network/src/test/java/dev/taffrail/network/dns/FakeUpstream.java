package dev.taffrail.network.dns;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A server on the loopback that says what it is told to, by UDP and TCP on one port. */
final class FakeUpstream implements Closeable {
  /** Says nothing. */
  static final Function<byte[], List<byte[]>> SILENT = query -> List.of();

  private final DatagramSocket udp;
  private final InetSocketAddress address;
  private final ServerSocket tcp;
  private final Function<byte[], List<byte[]>> script;
  private final BlockingQueue<byte[]> queries = new LinkedBlockingQueue<>();
  private final BlockingQueue<SocketAddress> clients = new LinkedBlockingQueue<>();

  /**
   * Listens.
   *
   * @param script what is sent back, packet by packet
   */
  static FakeUpstream open(Function<byte[], List<byte[]>> script) throws IOException {
    while (true) {
      ServerSocket tcp = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
      try {
        DatagramSocket udp = new DatagramSocket(tcp.getLocalSocketAddress());
        return new FakeUpstream(udp, tcp, script);
      } catch (BindException e) {
        // Somebody has that port of UDP.
        tcp.close();
      }
    }
  }

  private FakeUpstream(
      DatagramSocket udp, ServerSocket tcp, Function<byte[], List<byte[]>> script) {
    this.udp = udp;
    this.tcp = tcp;
    this.address = (InetSocketAddress) tcp.getLocalSocketAddress();
    this.script = script;
    start(this::serveDatagrams);
    start(this::serveConnections);
  }

  /** Repeats the query as an answer with this code. */
  static Function<byte[], List<byte[]>> saying(int code) {
    return query -> List.of(answer(query, code));
  }

  static byte[] answer(byte[] query, int code) {
    byte[] answer = query.clone();
    answer[2] |= (byte) 0x80;
    answer[3] = (byte) (0x80 | code);
    return answer;
  }

  static byte[] withId(byte[] packet, int id) {
    byte[] copy = packet.clone();
    ByteBuffer.wrap(copy).putShort((short) id);
    return copy;
  }

  InetSocketAddress address() {
    return address;
  }

  /** The next query that came; waits for it. */
  byte[] takeQuery() throws InterruptedException {
    byte[] query = queries.poll(20, TimeUnit.SECONDS);
    if (query == null) {
      throw new AssertionError("No query came");
    }
    return query;
  }

  int queriesWaiting() {
    return queries.size();
  }

  /** Where the next query came from. */
  SocketAddress takeClient() throws InterruptedException {
    return clients.poll(20, TimeUnit.SECONDS);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // The end of the test.
              }
            },
            "fake-upstream");
    thread.setDaemon(true);
    thread.start();
  }

  private void serveDatagrams() throws IOException {
    byte[] buffer = new byte[65535];
    while (true) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      udp.receive(packet);
      byte[] query = Arrays.copyOf(buffer, packet.getLength());
      clients.add(packet.getSocketAddress());
      queries.add(query);
      for (byte[] answer : script.apply(query)) {
        udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    }
  }

  private void serveConnections() throws IOException {
    while (true) {
      Socket connection = tcp.accept();
      start(() -> converse(connection));
    }
  }

  private void converse(Socket connection) throws IOException {
    try (connection) {
      while (true) {
        byte[] query = DnsClient.receive(connection);
        queries.add(query);
        for (byte[] answer : script.apply(query)) {
          DnsClient.send(connection, answer);
        }
      }
    } catch (EOFException end) {
      // The client has what it wanted.
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
