package dev.taffrail.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkRequest.PoolRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CreationRulesTest {
  private static PoolRequest pool(String subnet, String range, String gateway, String auxiliary) {
    return new PoolRequest(
        given(subnet, IpPrefix::parse),
        given(range, IpPrefix::parse),
        given(gateway, IpText::parse),
        given(auxiliary, IpText::parse).map(address -> Map.of("a", address)).orElse(Map.of()));
  }

  private static <T> Optional<T> given(String text, Function<String, T> parser) {
    return Optional.of(text).filter(given -> !given.isEmpty()).map(parser);
  }

  private static NetworkRequest request(String name, String ipam, PoolRequest... pools) {
    return new NetworkRequest(
        name,
        "",
        false,
        false,
        true,
        List.of(pools).stream().anyMatch(pool -> pool.gateway().isPresent()),
        ipam,
        Map.of(),
        List.of(pools),
        Map.of(),
        Map.of());
  }

  private static void refused(Kind kind, String words, NetworkRequest request) {
    assertThatThrownBy(() -> CreationRules.check(request))
        .hasMessage(words)
        .satisfies(e -> assertThat(RuntimeFailure.kindOf(e)).isEqualTo(kind));
  }

  private static void refused(String problems, PoolRequest pool) {
    refused(
        Kind.INVALID_ARGUMENT,
        "invalid network config:\n" + problems,
        request("n", "default", pool));
  }

  @Test
  void whatIsRightPasses() {
    CreationRules.check(
        request("n", "", pool("10.1.0.0/24", "10.1.0.128/25", "10.1.0.1", "10.1.0.2")));
    CreationRules.check(request("n", "default"));
  }

  @Test
  void aSubnetIsARange() {
    refused(
        "invalid subnet 10.1.0.9/24: it should be 10.1.0.0/24", pool("10.1.0.9/24", "", "", ""));
  }

  @Test
  void aRangeIsPartOfItsSubnet() {
    refused(
        "invalid ip-range 10.2.0.0/25: parent subnet 10.1.0.0/24 doesn't contain ip-range",
        pool("10.1.0.0/24", "10.2.0.0/25", "", ""));
    refused(
        "invalid ip-range 10.1.0.0/16: CIDR block is bigger than its parent subnet 10.1.0.0/24",
        pool("10.1.0.0/24", "10.1.0.0/16", "", ""));
    refused(
        "invalid ip-range 10.1.0.7/25: it should be 10.1.0.0/25",
        pool("10.1.0.0/24", "10.1.0.7/25", "", ""));
    refused(
        "invalid ip-range fd00::/96: parent subnet is an IPv4 block",
        pool("10.1.0.0/24", "fd00::/96", "", ""));
  }

  @Test
  void addressesAreInTheSubnetAndAllProblemsAreTold() {
    refused(
        "invalid gateway 10.2.0.1: parent subnet 10.1.0.0/24 doesn't contain this address\n"
            + "invalid auxiliary address a: parent subnet is an IPv4 block",
        pool("10.1.0.0/24", "", "10.2.0.1", "fd00::1"));
  }

  @Test
  void rangesOfAFamilyThatTheNetworkDoesNotHaveAreNotLookedAt() {
    CreationRules.check(request("n", "", pool("fd00::9/64", "", "", "")));
  }

  @Test
  void aNameIsNeeded() {
    refused(Kind.INVALID_ARGUMENT, "invalid name: name is empty", request(" ", ""));
  }

  @Test
  void addressesAreKeptByTheOnlyKeeper() {
    refused(
        Kind.NOT_FOUND,
        "could not find plugin dhcp in v1 plugin registry: plugin not found",
        request("n", "dhcp"));
  }
}
