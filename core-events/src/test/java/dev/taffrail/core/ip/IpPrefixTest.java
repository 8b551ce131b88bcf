package dev.taffrail.core.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {
  static long[] seeds() {
    return IpTextTest.seeds();
  }

  @ParameterizedTest
  @CsvSource({
    "172.17.3.2/16, 172.17.0.0/16, 172.17.255.255, 65536",
    "10.0.0.5/30, 10.0.0.4/30, 10.0.0.7, 4",
    "10.0.0.5/32, 10.0.0.5/32, 10.0.0.5, 1",
    "1.2.3.4/0, 0.0.0.0/0, 255.255.255.255, 4294967296",
    "fd00::7/126, fd00::4/126, fd00::7, 4",
    "fd00:1:2:3::9/64, fd00:1:2:3::/64, fd00:1:2:3:ffff:ffff:ffff:ffff, 18446744073709551616"
  })
  void aRangeHasItsFirstAndLastAddressAndItsSize(
      String text, String range, String last, BigInteger size) {
    IpPrefix prefix = IpPrefix.parse(text);
    assertThat(prefix.range()).hasToString(range);
    assertThat(IpText.of(prefix.lastAddress())).isEqualTo(last);
    assertThat(prefix.size()).isEqualTo(size);
    assertThat(prefix.isRange()).isEqualTo(text.equals(range));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "10.0.0.0",
        "10.0.0.0/",
        "/8",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "::/129",
        "x/8",
        "10.0.0.0/8/8",
        "10.0.0.0/0008",
        "10.0.0/8"
      })
  void whatIsNoPrefixIsRefused(String text) {
    assertThatThrownBy(() -> IpPrefix.parse(text))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageStartingWith("invalid ")
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(Kind.INVALID_ARGUMENT));
  }

  @Test
  void familiesHaveNothingInCommon() {
    assertThat(IpPrefix.parse("0.0.0.0/0").contains(IpText.parse("::1"))).isFalse();
    assertThat(IpPrefix.parse("0.0.0.0/0").overlaps(IpPrefix.parse("::/0"))).isFalse();
    assertThat(IpPrefix.parse("::/0").contains(IpPrefix.parse("10.0.0.0/8"))).isFalse();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsContainedIsWhatSharesTheBitsOfThePrefix(long seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      InetAddress one = IpTextTest.address(random);
      InetAddress other = near(one, random);
      IpPrefix prefix = new IpPrefix(one, random.nextInt(one.getAddress().length * 8 + 1));
      IpPrefix second = new IpPrefix(other, random.nextInt(one.getAddress().length * 8 + 1));
      String what = "seed " + seed + ": " + prefix + ", " + second;
      int shared = sharedBits(one, other);
      assertThat(prefix.contains(other)).as(what).isEqualTo(shared >= prefix.length());
      assertThat(prefix.overlaps(second))
          .as(what)
          .isEqualTo(shared >= Math.min(prefix.length(), second.length()))
          .isEqualTo(second.overlaps(prefix));
      assertThat(prefix.contains(second))
          .as(what)
          .isEqualTo(second.length() >= prefix.length() && shared >= prefix.length());
      assertThat(prefix.at(prefix.offset(one))).as(what).isEqualTo(one);
      assertThat(prefix.at(BigInteger.ZERO)).as(what).isEqualTo(prefix.range().address());
      assertThat(prefix.at(prefix.size().subtract(BigInteger.ONE)))
          .as(what)
          .isEqualTo(prefix.lastAddress());
      assertThat(IpPrefix.parse(prefix.toString())).as(what).isEqualTo(prefix);
    }
  }

  /** The same but for one bit perhaps. */
  private static InetAddress near(InetAddress address, Random random) throws UnknownHostException {
    byte[] bytes = address.getAddress();
    if (random.nextInt(8) != 0) {
      int bit = random.nextInt(bytes.length * 8);
      bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
    }
    InetAddress near = InetAddress.getByAddress(bytes);
    return near.getAddress().length == bytes.length ? near : address;
  }

  private static int sharedBits(InetAddress one, InetAddress other) {
    BigInteger difference =
        new BigInteger(1, one.getAddress()).xor(new BigInteger(1, other.getAddress()));
    return one.getAddress().length * 8 - difference.bitLength();
  }

  @Test
  void addressesAreOrderedByFamilyThenByTheirBytes() {
    assertThat(IpPrefix.compare(IpText.parse("9.0.0.0"), IpText.parse("200.0.0.0"))).isNegative();
    assertThat(IpPrefix.compare(IpText.parse("::"), IpText.parse("255.0.0.0"))).isPositive();
    assertThat(IpPrefix.compare(IpText.parse("::1"), IpText.parse("::1"))).isZero();
  }
}
