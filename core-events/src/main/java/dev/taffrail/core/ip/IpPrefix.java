package dev.taffrail.core.ip;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * An address with the length of its prefix, {@code 172.17.0.2/16}; of a range, the bits behind the
 * prefix are 0. The text of IPv6 is that of RFC 5952.
 */
public record IpPrefix(InetAddress address, int length) {
  public IpPrefix {
    if (length < 0 || length > address.getAddress().length * Byte.SIZE) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid CIDR address: " + IpText.of(address) + "/" + length);
    }
  }

  /** INVALID_ARGUMENT {@code invalid CIDR address: …} for anything but {@code address/length}. */
  @JsonCreator
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash > 0 && text.length() - slash <= 4) {
      try {
        return new IpPrefix(
            IpText.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
      } catch (NumberFormatException e) {
        // Said below, as for all that is none.
      }
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid CIDR address: " + text);
  }

  public boolean isV6() {
    return bits() == 128;
  }

  private int bits() {
    return address.getAddress().length * Byte.SIZE;
  }

  /** The range that the address lies in: the bits behind the prefix are 0. */
  public IpPrefix range() {
    return new IpPrefix(toAddress(first()), length);
  }

  /** Whether it is a range and no single address in one. */
  public boolean isRange() {
    return range().address().equals(address);
  }

  public boolean contains(InetAddress other) {
    if (other.getAddress().length != address.getAddress().length) {
      return false;
    }
    BigInteger value = number(other);
    return value.compareTo(first()) >= 0 && value.compareTo(last()) <= 0;
  }

  public boolean contains(IpPrefix other) {
    return other.length >= length && contains(other.address);
  }

  public boolean overlaps(IpPrefix other) {
    return contains(other.address) || other.contains(address);
  }

  /** How many addresses it has. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits() - length);
  }

  /** The address so far from the first one of the range. */
  public InetAddress at(long offset) {
    return at(BigInteger.valueOf(offset));
  }

  /** The address so far from the first one of the range. */
  public InetAddress at(BigInteger offset) {
    return toAddress(first().add(offset));
  }

  /** The last address of the range: of IPv4, the broadcast address. */
  public InetAddress lastAddress() {
    return toAddress(last());
  }

  /** How far an address of the range is from its first. */
  public BigInteger offset(InetAddress of) {
    return number(of).subtract(first());
  }

  private BigInteger first() {
    int behind = bits() - length;
    return number(address).shiftRight(behind).shiftLeft(behind);
  }

  private BigInteger last() {
    return first().add(size()).subtract(BigInteger.ONE);
  }

  private InetAddress toAddress(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] whole = new byte[address.getAddress().length];
    int count = Math.min(bytes.length, whole.length);
    System.arraycopy(bytes, bytes.length - count, whole, whole.length - count, count);
    try {
      return InetAddress.getByAddress(whole);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  private static BigInteger number(InetAddress address) {
    return new BigInteger(1, address.getAddress());
  }

  /** As {@code other}, byte by byte; IPv4 before IPv6. */
  public static int compare(InetAddress one, InetAddress other) {
    byte[] left = one.getAddress();
    byte[] right = other.getAddress();
    return left.length == right.length
        ? Arrays.compareUnsigned(left, right)
        : Integer.compare(left.length, right.length);
  }

  @JsonValue
  @Override
  public String toString() {
    return IpText.of(address) + "/" + length;
  }
}
