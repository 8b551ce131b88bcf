package dev.taffrail.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.ip.IpText;
import dev.taffrail.network.dns.HostsFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsFileTest {
  private static final Entry EXTRA = entry("10.0.0.9", "db.example.com");
  private static final Entry OWN = entry("172.18.0.2", "web.example.com web");
  private static final Entry OWN_V6 = entry("fd00::2", "web.example.com web");

  @TempDir private Path directory;
  private Path path;
  private HostsFile hosts;

  @BeforeEach
  void prepare() {
    path = directory.resolve("hosts");
    hosts = new HostsFile(path);
  }

  private static Entry entry(String address, String names) {
    return new Entry(IpText.parse(address), names);
  }

  private String text() throws IOException {
    return Files.readString(path);
  }

  @Test
  void itHasTheHostItselfThenExtraHostsThenItsOwnAddresses() throws IOException {
    hosts.write(List.of(EXTRA, OWN, OWN_V6), true);
    assertThat(text())
        .isEqualTo(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            10.0.0.9\tdb.example.com
            172.18.0.2\tweb.example.com web
            fd00::2\tweb.example.com web
            """);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void withoutIpv6NoLineHasIt() throws IOException {
    hosts.write(List.of(EXTRA, OWN, OWN_V6), false);
    assertThat(text())
        .isEqualTo(
            """
            127.0.0.1\tlocalhost
            10.0.0.9\tdb.example.com
            172.18.0.2\tweb.example.com web
            """);
  }

  @Test
  void aContainerHasItsWholeNameAndItsFirstLabel() {
    assertThat(HostsFile.names("web", "")).isEqualTo("web");
    assertThat(HostsFile.names("web", "example.com")).isEqualTo("web.example.com web");
    assertThat(HostsFile.names("web.example.com", "")).isEqualTo("web.example.com web");
  }

  @Test
  void linesComeAndGoInPlaceAndOthersStay() throws IOException {
    hosts.write(List.of(OWN), false);
    Object inode = Files.getAttribute(path, "unix:ino");
    Files.writeString(path, "# 10.0.0.9\tdb.example.com\n1.2.3.4\tmine", StandardOpenOption.APPEND);
    hosts.add(List.of(EXTRA, OWN_V6));
    assertThat(text()).endsWith("mine\n10.0.0.9\tdb.example.com\nfd00::2\tweb.example.com web\n");
    hosts.remove(List.of(EXTRA, OWN, entry("fd00::3", "web.example.com web")));
    assertThat(text())
        .isEqualTo(
            """
            127.0.0.1\tlocalhost
            # 10.0.0.9\tdb.example.com
            1.2.3.4\tmine
            fd00::2\tweb.example.com web
            """);
    assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(inode);
  }

  @Test
  void aLinkThatMovedIsFoundAtItsNewAddress() throws IOException {
    hosts.write(
        List.of(
            entry("172.17.0.2", "db 0123456789ab database"),
            entry("172.17.0.3", "db2"),
            entry("172.17.0.2", "db.lan")),
        false);
    hosts.move("db", IpText.parse("172.17.0.9"));
    assertThat(text())
        .isEqualTo(
            """
            127.0.0.1\tlocalhost
            172.17.0.9\tdb 0123456789ab database
            172.17.0.3\tdb2
            172.17.0.9\tdb.lan
            """);
  }
}
