package dev.taffrail.network.dns;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryEncoder;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Asks a name server, with Netty's codec on this side of the wire. */
final class DnsClient implements Closeable {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  private static final int TIMEOUT_MILLIS = 20_000;

  private final InetSocketAddress udp;
  private final InetSocketAddress tcp;
  private final DatagramSocket socket;

  DnsClient(InetSocketAddress udp, InetSocketAddress tcp) throws SocketException {
    this.udp = udp;
    this.tcp = tcp;
    this.socket = new DatagramSocket(new InetSocketAddress(udp.getAddress(), 0));
    socket.setSoTimeout(TIMEOUT_MILLIS);
  }

  static byte[] query(int id, String name, DnsRecordType type) {
    return encode(question(id, name, type));
  }

  /** With an OPT record; {@code flags} is its TTL. */
  static byte[] queryWithEdns(int id, String name, DnsRecordType type, int size, int flags) {
    return encode(
        question(id, name, type)
            .addRecord(
                DnsSection.ADDITIONAL,
                new DefaultDnsRawRecord(
                    "",
                    DnsRecordType.OPT,
                    size,
                    Integer.toUnsignedLong(flags),
                    Unpooled.EMPTY_BUFFER)));
  }

  private static DnsQuery question(int id, String name, DnsRecordType type) {
    return new DatagramDnsQuery(ANY, ANY, id)
        .setRecursionDesired(true)
        .addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(name, type));
  }

  private static byte[] encode(DnsQuery query) {
    EmbeddedChannel codec = new EmbeddedChannel(new DatagramDnsQueryEncoder());
    codec.writeOutbound(query);
    DatagramPacket packet = codec.readOutbound();
    byte[] bytes = ByteBufUtil.getBytes(packet.content());
    packet.release();
    codec.finishAndReleaseAll();
    return bytes;
  }

  /** An answer as the codec understands it. */
  record Answer(
      int id,
      int code,
      boolean truncated,
      boolean recursionAvailable,
      boolean authoritative,
      List<String> questions,
      List<ResourceRecord> answers,
      List<ResourceRecord> additional) {
    List<String> addresses() {
      return answers.stream().map(ResourceRecord::address).toList();
    }
  }

  /** {@code data} is the name of a PTR record, or hexadecimal. */
  record ResourceRecord(String name, DnsRecordType type, int dnsClass, long ttl, String data) {
    String address() {
      try {
        return InetAddress.getByAddress(HexFormat.of().parseHex(data)).getHostAddress();
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static Answer decode(byte[] bytes) {
    EmbeddedChannel codec = new EmbeddedChannel(new DatagramDnsResponseDecoder());
    codec.writeInbound(new DatagramPacket(Unpooled.copiedBuffer(bytes), ANY, ANY));
    DnsResponse response = codec.readInbound();
    List<String> questions = new ArrayList<>();
    for (int i = 0; i < response.count(DnsSection.QUESTION); i++) {
      questions.add(response.recordAt(DnsSection.QUESTION, i).name());
    }
    Answer answer =
        new Answer(
            response.id(),
            response.code().intValue(),
            response.isTruncated(),
            response.isRecursionAvailable(),
            response.isAuthoritativeAnswer(),
            questions,
            records(response, DnsSection.ANSWER),
            records(response, DnsSection.ADDITIONAL));
    response.release();
    codec.finishAndReleaseAll();
    return answer;
  }

  private static List<ResourceRecord> records(DnsResponse response, DnsSection section) {
    List<ResourceRecord> records = new ArrayList<>();
    for (int i = 0; i < response.count(section); i++) {
      DnsRecord record = response.recordAt(section, i);
      String data =
          record instanceof DnsPtrRecord pointer
              ? pointer.hostname()
              : ByteBufUtil.hexDump(((DnsRawRecord) record).content());
      records.add(
          new ResourceRecord(
              record.name(), record.type(), record.dnsClass(), record.timeToLive(), data));
    }
    return records;
  }

  Answer ask(String name, DnsRecordType type) throws IOException {
    return decode(exchange(query(77, name, type)));
  }

  byte[] exchange(byte[] query) throws IOException {
    send(query);
    return receive();
  }

  void send(byte[] query) throws IOException {
    socket.send(new java.net.DatagramPacket(query, query.length, udp));
  }

  byte[] receive() throws IOException {
    java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[65535], 65535);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  Socket connect() throws IOException {
    Socket connection = new Socket();
    connection.setSoTimeout(TIMEOUT_MILLIS);
    connection.connect(tcp);
    return connection;
  }

  byte[] exchangeByTcp(byte[] query) throws IOException {
    try (Socket connection = connect()) {
      send(connection, query);
      return receive(connection);
    }
  }

  static void send(Socket connection, byte[] query) throws IOException {
    DataOutputStream output = new DataOutputStream(connection.getOutputStream());
    output.writeShort(query.length);
    output.write(query);
  }

  static byte[] receive(Socket connection) throws IOException {
    DataInputStream input = new DataInputStream(connection.getInputStream());
    byte[] message = new byte[input.readUnsignedShort()];
    input.readFully(message);
    return message;
  }

  @Override
  public void close() {
    socket.close();
  }
}
