package dev.taffrail.core.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTextTest {
  static long[] seeds() {
    long given = Long.getLong("taffrail.seed", 0);
    return given != 0 ? new long[] {given} : new long[] {1, 2, System.nanoTime()};
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.11, 127.0.0.11",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8::A, 2001:db8::a",
    "2001:0db8:0000:0000:0000:0000:0000:0001, 2001:db8::1",
    // One group of zeros is not shortened, the longest run is, and of two the first.
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "fd00:0:0:1::, fd00:0:0:1::"
  })
  void theTextIsThatOfRfc5952(String text, String canonical) {
    assertThat(IpText.of(IpText.parse(text))).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.1.",
        " 10.0.0.1",
        "1",
        "::g",
        ":::",
        "1::2::3",
        "[::1]",
        "fe80::1%eth0",
        "10.0.0.1/8"
      })
  void whatIsNoAddressIsRefusedAndNobodyIsAsked(String text) {
    assertThatThrownBy(() -> IpText.parse(text))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessage("invalid IP address: " + text)
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(Kind.INVALID_ARGUMENT));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theTextOfAnAddressIsReadAsThatAddress(long seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      InetAddress address = address(random);
      String text = IpText.of(address);
      assertThat(IpText.parse(text)).as("seed %s, %s", seed, text).isEqualTo(address);
      assertThat(text).isLowerCase().doesNotContain(":::");
    }
  }

  /** With many groups of zeros, where the text has its difficulties. */
  static InetAddress address(Random random) throws UnknownHostException {
    byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i += 2) {
      if (random.nextBoolean()) {
        bytes[i] = 0;
        bytes[i + 1] = (byte) (random.nextInt(4) == 0 ? 1 : 0);
      }
    }
    InetAddress address = InetAddress.getByAddress(bytes);
    // ::ffff:0:0/96 is IPv4 to Java.
    return address.getAddress().length == bytes.length ? address : address(random);
  }

  @Test
  void anIpv4AddressInIpv6IsIpv4() {
    assertThat(IpText.of(IpText.parse("::ffff:10.0.0.1"))).isEqualTo("10.0.0.1");
  }
}
