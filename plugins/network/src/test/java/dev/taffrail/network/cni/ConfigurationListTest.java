package dev.taffrail.network.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationListTest {
  private static ConfigurationList parse(String json) {
    return ConfigurationList.parse(
        json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "x.conflist");
  }

  private static ConfigurationList bridge(String members) {
    return parse(
        "{'cniVersion': '1.0.0', 'name': 'sea', 'plugins': [{'type': 'bridge'" + members + "}]}");
  }

  @Test
  void aListKeepsItsPluginsAsTheyAreWritten() {
    ConfigurationList list =
        parse(
            "{'cniVersion': '0.4.0', 'name': 'sea', 'disableCheck': true, 'plugins':"
                + " [{'type': 'bridge', 'own': {'b': 1.50, 'a': 12345678901234567890}},"
                + " {'type': 'portmap', 'capabilities': {'portMappings': true, 'x': false}}]}");
    assertThat(list.version()).isEqualTo(CniVersion.V0_4_0);
    assertThat(list.disableCheck()).isTrue();
    assertThat(list.disableGc()).isFalse();
    assertThat(list.plugins().get(0))
        .hasToString("{\"type\":\"bridge\",\"own\":{\"b\":1.50,\"a\":12345678901234567890}}");
    assertThat(list.isCapable("portMappings")).isTrue();
    assertThat(list.isCapable("x")).isFalse();
    assertThat(ConfigurationList.parse(CniJson.bytes(list.json()), "again")).isEqualTo(list);
  }

  @Test
  void aSingleConfigurationIsAListOfOne() {
    ConfigurationList list =
        parse(
            "{'cniVersion': '0.3.1', 'name': 'lan', 'type': 'macvlan', 'master': 'eth0',"
                + " 'ipam': {'type': 'dhcp'}}");
    assertThat(list.plugins()).hasSize(1);
    assertThat(list.plugins().get(0).path("master").asText()).isEqualTo("eth0");
    assertThat(list.types()).containsExactly("dhcp", "macvlan");
  }

  @Test
  void theHighestVersionThatIsKnownCounts() {
    assertThat(
            parse(
                    "{'cniVersion': '0.4.0', 'cniVersions': ['1.0.0', '9.0.0', '1.1.0'],"
                        + " 'name': 'sea', 'plugins': [{'type': 'bridge'}]}")
                .version())
        .isEqualTo(CniVersion.V1_1_0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {                                                     | is no JSON
          []                                                    | is no JSON object
          {"cniVersion": "1.0.0", "type": "a"}                  | has the name ""
          {"cniVersion": "1.0.0", "name": "../a", "type": "a"}  | has the name "../a"
          {"name": "a", "type": "a"}                            | has no cniVersion
          {"cniVersion": "0.2.0", "name": "a", "type": "a"}     | is of the CNI version 0.2.0, and not of 0.3.0, 0.3.1
          {"cniVersion": "1.0.0", "name": "a", "plugins": []}   | has no plugins
          {"cniVersion": "1.0.0", "name": "a", "plugins": [1]}  | is no JSON object: 1
          {"cniVersion": "1.0.0", "name": "a"}                  | has a plugin of the type ""
          {"cniVersion": "1.0.0", "name": "a", "type": "../a"}  | has a plugin of the type "../a"
          {"cniVersion": "1.0.0", "name": "a", "type": "a", "ipam": {"type": "/b"}} | of the type "/b"
          """)
  void whatIsNoListIsRefused(String json, String words) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("CNI configuration x.conflist ")
        .hasMessageContaining(words)
        .extracting(RuntimeFailure::kindOf)
        .isEqualTo(Kind.INVALID_ARGUMENT);
  }

  private static AddressPool pool(String subnet, String gateway) {
    return new AddressPool(
        IpPrefix.parse(subnet),
        Optional.empty(),
        Optional.of(gateway).filter(text -> !text.isEmpty()).map(IpText::parse),
        Map.of());
  }

  @Test
  void rangesAreKnownWhereTheListSaysThem() {
    KnownRanges one =
        KnownRanges.of(
            bridge(
                ", 'isDefaultGateway': true, 'ipam': {'type': 'host-local', 'subnet': '10.1.0.0/16'}"));
    assertThat(one.pools()).containsExactly(pool("10.1.0.0/16", "10.1.0.1"));
    assertThat(one.wayOut()).isEqualTo(WayOut.GATEWAY);
    KnownRanges both =
        KnownRanges.of(
            bridge(
                ", 'ipam': {'type': 'host-local', 'routes': [{'dst': '0.0.0.0/0'}], 'ranges':"
                    + " [[{'subnet': '10.1.0.0/24', 'gateway': '10.1.0.9'}], [{'subnet':"
                    + " 'fd00::/64'}]]}"));
    // There is a default route for one family alone.
    assertThat(both.pools())
        .containsExactly(pool("10.1.0.0/24", "10.1.0.9"), pool("fd00::/64", ""));
    assertThat(both.wayOut()).isEqualTo(WayOut.GATEWAY);
    KnownRanges fixed =
        KnownRanges.of(
            bridge(
                ", 'ipam': {'type': 'static', 'addresses': [{'address': '10.1.0.7/24', 'gateway':"
                    + " '10.1.0.1'}], 'routes': [{'dst': '0.0.0.0/0', 'gw': '10.1.0.254'}]}"));
    assertThat(fixed.pools()).containsExactly(pool("10.1.0.0/24", "10.1.0.254"));
  }

  @Test
  void aWayOutIsAssumedWhereTheListDoesNotSay() {
    assertThat(KnownRanges.of(bridge("")).wayOut()).isEqualTo(WayOut.NONE);
    assertThat(
            KnownRanges.of(bridge(", 'ipam': {'type': 'host-local', 'subnet': '10.1.0.0/16'}"))
                .wayOut())
        .isEqualTo(WayOut.NONE);
    KnownRanges leased = KnownRanges.of(bridge(", 'ipam': {'type': 'dhcp'}"));
    assertThat(leased.wayOut()).isEqualTo(WayOut.LINK);
    assertThat(leased.pools()).isEmpty();
    assertThat(
            KnownRanges.of(parse("{'cniVersion': '1.0.0', 'name': 'a', 'type': 'weave'}")).wayOut())
        .isEqualTo(WayOut.LINK);
  }

  @Test
  void aListIsFoundByPathByFileAndByItsName(@TempDir Path directory) throws IOException {
    String text = "{\"cniVersion\": \"1.0.0\", \"name\": \"%s\", \"type\": \"%s\"}";
    Files.writeString(directory.resolve("05-broken.conf"), "{");
    Files.writeString(directory.resolve("10-a.conflist"), text.formatted("sea", "a"));
    Files.writeString(directory.resolve("20-b.conf"), text.formatted("sea", "b"));
    Files.writeString(directory.resolve("30-c.json"), text.formatted("bay", "c"));
    Files.writeString(directory.resolve("40-d.txt"), text.formatted("lake", "d"));
    ListFiles files = new ListFiles(directory);
    for (Map.Entry<String, String> each :
        Map.of(
                directory.resolve("40-d.txt").toString(),
                "d",
                "10-a",
                "a",
                "20-b.conf",
                "b",
                "sea",
                "a",
                "bay",
                "c")
            .entrySet()) {
      assertThat(files.find(each.getKey()).types())
          .as(each.getKey())
          .containsExactly(each.getValue());
    }
    assertThatThrownBy(() -> files.find("lake"))
        .hasMessage("there is no CNI configuration named lake in " + directory);
    assertThatThrownBy(() -> files.find("../x")).hasMessageContaining("invalid conflist \"../x\"");
    assertThatThrownBy(() -> new ListFiles(directory.resolve("none")).find("sea"))
        .hasMessageContaining("there is no CNI configuration named sea");
  }
}
