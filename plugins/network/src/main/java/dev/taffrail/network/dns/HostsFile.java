package dev.taffrail.network.dns;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpText;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container's hosts(5), as Docker Engine 28 writes it: lines of address, tab, names. Later
 * changes touch the lines they are about and leave what somebody in the container wrote. One object
 * for each file; threads may share it.
 */
public final class HostsFile {
  private static final String LOCALHOST_V4 = "127.0.0.1\tlocalhost\n";
  private static final String LOCALHOST_V6 =
      """
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::\tip6-localnet
      ff00::\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;

  /**
   * One line.
   *
   * @param names with blanks between them
   */
  public record Entry(InetAddress address, String names) {
    private String line() {
      return IpText.of(address) + "\t" + names + "\n";
    }
  }

  private final MountedFile file;

  public HostsFile(Path path) {
    this.file = new MountedFile(path);
  }

  /**
   * The names of a container as they are in its own file: with a domain, in whichever of both it
   * was given, first the whole name and then its first label.
   *
   * @param domain empty for none
   */
  public static String names(String hostname, String domain) {
    String whole = domain.isEmpty() ? hostname : hostname + "." + domain;
    int dot = whole.indexOf('.');
    return dot < 0 ? whole : whole + " " + whole.substring(0, dot);
  }

  /**
   * Writes it whole: the host itself, then {@code entries}, extra hosts before the container's own
   * addresses.
   *
   * @param ipv6 whether the container has IPv6, if only on its loopback; if not, no line has it
   */
  public synchronized void write(List<Entry> entries, boolean ipv6) {
    StringBuilder text = new StringBuilder(LOCALHOST_V4).append(ipv6 ? LOCALHOST_V6 : "");
    entries.stream()
        .filter(entry -> ipv6 || !(entry.address() instanceof Inet6Address))
        .forEach(entry -> text.append(entry.line()));
    file.replace(text.toString());
  }

  /** Adds lines at the end. */
  public synchronized void add(List<Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    String old = file.read();
    StringBuilder text =
        new StringBuilder(old).append(old.isEmpty() || old.endsWith("\n") ? "" : "\n");
    entries.forEach(entry -> text.append(entry.line()));
    file.replace(text.toString());
  }

  /** Removes the lines that are exactly these. */
  public synchronized void remove(List<Entry> entries) {
    List<String> kept = new ArrayList<>();
    boolean changed = false;
    for (String line : file.read().split("(?<=\n)", -1)) {
      if (entries.stream().anyMatch(entry -> isLine(line, entry))) {
        changed = true;
      } else {
        kept.add(line);
      }
    }
    if (changed) {
      file.replace(String.join("", kept));
    }
  }

  private static boolean isLine(String line, Entry entry) {
    String stripped = line.strip();
    String names = "\t" + entry.names();
    if (stripped.startsWith("#") || !stripped.endsWith(names)) {
      return false;
    }
    try {
      String address = stripped.substring(0, stripped.length() - names.length()).strip();
      return IpText.parse(address).equals(entry.address());
    } catch (RuntimeFailure e) {
      return false;
    }
  }

  /** Gives another address to the lines whose first name is {@code name}: a link moved. */
  public synchronized void move(String name, InetAddress address) {
    Pattern line = Pattern.compile("(?m)^\\S*(\\t" + Pattern.quote(name) + "(?=[\\s.]|$))");
    String old = file.read();
    String text = line.matcher(old).replaceAll(Matcher.quoteReplacement(IpText.of(address)) + "$1");
    if (!text.equals(old)) {
      file.replace(text);
    }
  }
}
