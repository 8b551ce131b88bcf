package dev.taffrail.network.dns;

import static io.netty.handler.codec.dns.DnsRecordType.A;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class QueryTest {
  private static final byte[] PLAIN = DnsClient.query(7, "WWW.example.com.", A);

  /** A query with this name, and counts and bytes behind it. */
  private static byte[] packet(byte[] name, int additional, byte[] behind) {
    ByteBuffer packet = ByteBuffer.allocate(12 + name.length + 4 + behind.length);
    packet.putShort(4, (short) 1).putShort(10, (short) additional).position(12);
    return packet.put(name).putShort((short) 1).putShort((short) 1).put(behind).array();
  }

  private static void assertMalformed(byte[] packet, DnsResponseCode code) {
    assertThatThrownBy(() -> Query.parse(packet))
        .isInstanceOfSatisfying(Query.Malformed.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aQueryIsRead() throws Query.Malformed {
    Query query = Query.parse(PLAIN);
    assertThat(query.name()).contains("www.example.com");
    assertThat(query.type()).isEqualTo(1);
    assertThat(query.isInternet()).isTrue();
    assertThat(query.edns()).isEmpty();
    Query edns = Query.parse(DnsClient.queryWithEdns(7, ".", A, 1232, 1 << 16 | 0x8000));
    assertThat(edns.name()).contains("");
    assertThat(edns.udpSize()).isEqualTo(1232);
    assertThat(edns.ednsVersion()).isEqualTo(1);
  }

  @Test
  void everyPrefixOfAQueryIsNone() {
    byte[] edns = DnsClient.queryWithEdns(7, "example.com.", A, 1232, 0);
    for (int length = Query.HEADER_SIZE; length < edns.length; length++) {
      assertMalformed(Arrays.copyOf(edns, length), DnsResponseCode.FORMERR);
    }
    assertThat(Query.isAnswerable(Arrays.copyOf(edns, Query.HEADER_SIZE - 1))).isFalse();
  }

  @Test
  void aNameThatPointsIsNoQuestion() {
    // At itself, at the header, forwards.
    for (int target : new int[] {12, 0, 13}) {
      byte[] pointer = {(byte) 0xc0, (byte) target};
      assertMalformed(packet(pointer, 0, new byte[0]), DnsResponseCode.FORMERR);
    }
  }

  @Test
  void aPointerInARecordIsNotFollowed() throws Query.Malformed {
    // A record whose name points at itself; type, class, TTL, length.
    byte[] loop = {(byte) 0xc0, 19, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    assertThat(Query.parse(packet(new byte[] {1, 'a', 0}, 1, loop)).name()).contains("a");
  }

  @Test
  void namesHaveLimits() throws Query.Malformed {
    byte[] longest = new byte[255];
    for (int label = 0; label < 127; label++) {
      longest[2 * label] = 1;
      longest[2 * label + 1] = 'x';
    }
    assertThat(Query.parse(packet(longest, 0, new byte[0])).name().orElseThrow()).hasSize(253);
    byte[] longer = new byte[257];
    Arrays.fill(longer, 0, 256, (byte) 1);
    assertMalformed(packet(longer, 0, new byte[0]), DnsResponseCode.FORMERR);
    byte[] label = new byte[66];
    label[0] = 64;
    assertMalformed(packet(label, 0, new byte[0]), DnsResponseCode.FORMERR);
  }

  @Test
  void twoOptRecordsAreTooMany() {
    byte[] opt = {0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0};
    byte[] twice = Arrays.copyOf(opt, 2 * opt.length);
    System.arraycopy(opt, 0, twice, opt.length, opt.length);
    assertMalformed(packet(new byte[] {0}, 2, twice), DnsResponseCode.FORMERR);
  }

  @Test
  void anAnswerIsToThisQuestionUnderThisId() throws Query.Malformed {
    Query query = Query.parse(PLAIN);
    byte[] answer = FakeUpstream.answer(DnsClient.query(9, "www.EXAMPLE.com.", A), 0);
    assertThat(query.isAnsweredBy(answer, 9)).isTrue();
    assertThat(query.isAnsweredBy(answer, 7)).isFalse();
    byte[] other = FakeUpstream.answer(DnsClient.query(9, "www.example.org.", A), 0);
    assertThat(query.isAnsweredBy(other, 9)).isFalse();
    assertThat(query.isAnsweredBy(Arrays.copyOf(answer, answer.length - 1), 9)).isFalse();
    assertThat(query.isAnsweredBy(PLAIN, 7)).isFalse();
  }
}
