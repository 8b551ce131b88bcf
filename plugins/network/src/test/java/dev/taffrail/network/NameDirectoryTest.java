package dev.taffrail.network;

import static dev.taffrail.network.NetworkSamples.ip;
import static dev.taffrail.network.NetworkSamples.made;
import static dev.taffrail.network.NetworkSamples.network;
import static dev.taffrail.testkit.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.network.NetworkDecider.Link;
import dev.taffrail.network.dns.Names;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NameDirectoryTest {
  private static final Network SEA = network('1', "Sea", false, made("10.1.0.0/16", "10.1.0.1"));
  private static final Network BAY = network('2', "bay", false, made("10.2.0.0/16", "10.2.0.1"));
  private static final Link ARGO = link(SEA, 'a', "10.1.0.2", List.of(), "Argo", "flag.ship");
  private static final Link BOAT = link(SEA, 'b', "10.1.0.3", List.of("Argo:Captain"), "boat");

  private final NameDirectory directory = new NameDirectory();

  @BeforeEach
  void fill() {
    directory.add(ARGO);
    directory.add(BOAT);
  }

  private static Link link(
      Network network, char container, String address, List<String> links, String... names) {
    EndpointSettings settings =
        new EndpointSettings(
            List.of(),
            links,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Map.of(),
            0);
    return new Link(
        network,
        new Endpoint(
            id(container),
            id(container),
            network.id(),
            settings,
            "tf",
            "eth0",
            "02:42:00:00:00:00",
            Optional.of(new IpPrefix(ip(address), 16)),
            network.equals(SEA)
                ? Optional.of(IpPrefix.parse("fd00::" + container + "/64"))
                : Optional.empty(),
            List.of(names),
            true));
  }

  @Test
  void aNameLeadsToTheAddressesOfBothFamilies() {
    Names boats = directory.of(List.of(BOAT));
    for (String name : List.of("argo", "flag.ship", "argo.sea", "flag.ship.sea")) {
      assertThat(boats.addresses(name)).contains(List.of(ip("10.1.0.2"), ip("fd00::a")));
    }
    assertThat(boats.addresses("boat")).contains(List.of(ip("10.1.0.3"), ip("fd00::b")));
    assertThat(boats.addresses("sea")).isEmpty();
    assertThat(boats.addresses("argo.bay")).isEmpty();
  }

  @Test
  void anAddressLeadsToTheContainersNameAndItsNetwork() {
    Names boats = directory.of(List.of(BOAT));
    assertThat(boats.name(ip("10.1.0.2"))).contains("Argo.Sea");
    assertThat(boats.name(ip("fd00::a"))).contains("Argo.Sea");
    assertThat(boats.name(ip("10.1.0.9"))).isEmpty();
  }

  @Test
  void namesOfOtherNetworksAreUnknown() {
    Names others = directory.of(List.of(link(BAY, 'c', "10.2.0.2", List.of(), "gull")));
    assertThat(others.addresses("argo")).isEmpty();
    assertThat(others.name(ip("10.1.0.2"))).isEmpty();
  }

  @Test
  void networksThatComeAndGoAreAskedOrNot() {
    List<Link> links = new CopyOnWriteArrayList<>(List.of(link(BAY, 'c', "10.2.0.2", List.of())));
    Names names = directory.of(links);
    assertThat(names.addresses("argo")).isEmpty();
    links.add(link(SEA, 'c', "10.1.0.4", List.of(), "gull"));
    assertThat(names.addresses("argo")).isPresent();
    links.remove(1);
    assertThat(names.addresses("argo")).isEmpty();
  }

  @Test
  void aSharedNameLeadsToAllWhoHaveIt() {
    Link twin = link(SEA, 'c', "10.1.0.4", List.of(), "twin", "flag.ship");
    directory.add(twin);
    Names names = directory.of(List.of(BOAT));
    assertThat(names.addresses("flag.ship"))
        .contains(List.of(ip("10.1.0.2"), ip("fd00::a"), ip("10.1.0.4"), ip("fd00::c")));
    directory.remove(ARGO);
    assertThat(names.addresses("flag.ship")).contains(List.of(ip("10.1.0.4"), ip("fd00::c")));
    directory.remove(twin);
    assertThat(names.addresses("flag.ship")).isEmpty();
    assertThat(names.name(ip("10.1.0.4"))).isEmpty();
  }

  @Test
  void theAliasOfALinkIsKnownToItsContainerAlone() {
    assertThat(directory.of(List.of(BOAT)).addresses("captain"))
        .contains(List.of(ip("10.1.0.2"), ip("fd00::a")));
    assertThat(directory.of(List.of(ARGO)).addresses("captain")).isEmpty();
  }

  @Test
  void aRemovedNetworkIsForgotten() {
    directory.remove(SEA);
    assertThat(directory.of(List.of(BOAT)).addresses("argo")).isEmpty();
    // As is what is removed of it late.
    directory.remove(ARGO);
  }
}
