package dev.taffrail.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys of {@code daemon.json} about networks; Docker's names and meanings.
 *
 * @param bridge the link of the default bridge; {@code none} for no default bridge
 * @param bip the address of the default bridge with the length of its prefix
 * @param fixedCidr of which part of that range addresses are given
 * @param hostGateway what {@code host-gateway} stands for; the default bridge's address if absent
 */
record NetworkSettings(
    String bridge,
    Optional<IpPrefix> bip,
    Optional<IpPrefix> bip6,
    Optional<IpPrefix> fixedCidr,
    Optional<IpPrefix> fixedCidr6,
    boolean ipv6,
    int mtu,
    boolean icc,
    boolean masquerade,
    InetAddress defaultHostAddress,
    Optional<InetAddress> hostGateway,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions) {
  static final String NO_BRIDGE = "none";

  private static final String DEFAULT_BRIDGE = "taffrail0";
  private static final int DEFAULT_MTU = 1500;

  static NetworkSettings of(JsonNode configuration) {
    String bridge = configuration.path("bridge").asText("");
    int mtu = configuration.path("mtu").asInt(0);
    return new NetworkSettings(
        bridge.isEmpty() ? DEFAULT_BRIDGE : bridge,
        prefix(configuration, "bip"),
        prefix(configuration, "bip6"),
        prefix(configuration, "fixed-cidr"),
        prefix(configuration, "fixed-cidr-v6"),
        configuration.path("ipv6").asBoolean(false),
        mtu == 0 ? DEFAULT_MTU : mtu,
        configuration.path("icc").asBoolean(true),
        configuration.path("ip-masq").asBoolean(true),
        IpText.parse(configuration.path("ip").asText("0.0.0.0")),
        address(configuration, "host-gateway-ip"),
        texts(configuration, "dns"),
        texts(configuration, "dns-search"),
        texts(configuration, "dns-opts"));
  }

  private static Optional<IpPrefix> prefix(JsonNode configuration, String key) {
    String text = configuration.path(key).asText("");
    return text.isEmpty() ? Optional.empty() : Optional.of(IpPrefix.parse(text));
  }

  private static Optional<InetAddress> address(JsonNode configuration, String key) {
    String text = configuration.path(key).asText("");
    return text.isEmpty() ? Optional.empty() : Optional.of(IpText.parse(text));
  }

  private static List<String> texts(JsonNode configuration, String key) {
    List<String> texts = new ArrayList<>();
    configuration.path(key).forEach(each -> texts.add(each.asText()));
    return List.copyOf(texts);
  }
}
