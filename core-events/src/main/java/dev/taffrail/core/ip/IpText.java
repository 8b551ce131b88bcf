package dev.taffrail.core.ip;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses as text; never asks a name server. */
public final class IpText {
  private static final Pattern V4 =
      Pattern.compile(
          "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  private static final int GROUPS = 8;

  private IpText() {}

  /** INVALID_ARGUMENT {@code invalid IP address: …}. */
  public static InetAddress parse(String text) {
    if (V4.matcher(text).matches() || V6.matcher(text).matches()) {
      try {
        return InetAddress.getByName(text);
      } catch (UnknownHostException e) {
        // Said below.
      }
    }
    throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid IP address: " + text);
  }

  /** RFC 5952: lower case, the longest run of zeros shortened. */
  public static String of(InetAddress address) {
    return address instanceof Inet6Address ? v6(address.getAddress()) : address.getHostAddress();
  }

  /** {@code 0.0.0.0:80} or {@code [::]:80}. */
  public static String withPort(InetAddress address, int port) {
    String text = of(address);
    return (address instanceof Inet6Address ? "[" + text + "]" : text) + ":" + port;
  }

  private static String v6(byte[] bytes) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] =
          Byte.toUnsignedInt(bytes[2 * i]) << Byte.SIZE | Byte.toUnsignedInt(bytes[2 * i + 1]);
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        boolean first = text.length() == 0 || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
