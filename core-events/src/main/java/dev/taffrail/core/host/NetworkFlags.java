package dev.taffrail.core.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of the command line about networks: dockerd's, and each a key of daemon.json. */
final class NetworkFlags {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"-b", "--bridge"},
      paramLabel = "LINK",
      description = "The bridge of the default network (default: taffrail0); none: no such network")
  private String bridge;

  @Option(
      names = "--bip",
      paramLabel = "CIDR",
      description = "That bridge's address, and with it the range of the default network")
  private String bip;

  @Option(names = "--bip6", paramLabel = "CIDR", description = "The same for IPv6")
  private String bip6;

  @Option(
      names = "--fixed-cidr",
      paramLabel = "CIDR",
      description = "The part of that range of which containers have addresses")
  private String fixedCidr;

  @Option(names = "--fixed-cidr-v6", paramLabel = "CIDR", description = "The same for IPv6")
  private String fixedCidr6;

  @Option(
      names = "--ipv6",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "IPv6 on the default network (default: false)")
  private Boolean ipv6;

  @Option(
      names = "--mtu",
      paramLabel = "BYTES",
      description = "Of the default network (default: 1500)")
  private Integer mtu;

  @Option(
      names = "--icc",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "Containers on the default network reach one another (default: true)")
  private Boolean icc;

  @Option(
      names = "--ip",
      paramLabel = "ADDRESS",
      description = "Where ports are published that name no host address (default: 0.0.0.0)")
  private String ip;

  @Option(
      names = "--ip-forward",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "Switch on net.ipv4.ip_forward (default: true)")
  private Boolean ipForward;

  @Option(
      names = "--ip-masq",
      paramLabel = "BOOL",
      arity = "0..1",
      fallbackValue = "true",
      description = "What leaves the default network has the host's address (default: true)")
  private Boolean ipMasq;

  @Option(
      names = "--default-address-pool",
      paramLabel = "base=CIDR,size=BITS",
      description = "Of which networks without a subnet have one; may be repeated")
  private List<String> defaultAddressPools;

  @Option(
      names = "--host-gateway-ip",
      paramLabel = "ADDRESS",
      description = "What host-gateway means in --add-host (default: the default bridge's)")
  private String hostGatewayIp;

  @Option(
      names = "--dns",
      paramLabel = "ADDRESS",
      description = "Name server of containers; may be repeated")
  private List<String> dns;

  @Option(
      names = "--dns-search",
      paramLabel = "DOMAIN",
      description = "Search domain of containers; may be repeated")
  private List<String> dnsSearch;

  @Option(
      names = "--dns-opt",
      paramLabel = "OPTION",
      description = "Resolver option of containers; may be repeated")
  private List<String> dnsOptions;

  /** Those that were given. INVALID_ARGUMENT in dockerd's words for pools that are none. */
  Map<ConfigurationKey, JsonNode> given() {
    Map<ConfigurationKey, JsonNode> given = new EnumMap<>(ConfigurationKey.class);
    put(given, ConfigurationKey.BRIDGE, bridge);
    put(given, ConfigurationKey.BIP, bip);
    put(given, ConfigurationKey.BIP6, bip6);
    put(given, ConfigurationKey.FIXED_CIDR, fixedCidr);
    put(given, ConfigurationKey.FIXED_CIDR_V6, fixedCidr6);
    put(given, ConfigurationKey.IPV6, ipv6);
    put(given, ConfigurationKey.MTU, mtu);
    put(given, ConfigurationKey.ICC, icc);
    put(given, ConfigurationKey.IP, ip);
    put(given, ConfigurationKey.IP_FORWARD, ipForward);
    put(given, ConfigurationKey.IP_MASQ, ipMasq);
    put(
        given,
        ConfigurationKey.DEFAULT_ADDRESS_POOLS,
        defaultAddressPools == null
            ? null
            : defaultAddressPools.stream().map(NetworkFlags::pool).toList());
    put(given, ConfigurationKey.HOST_GATEWAY_IP, hostGatewayIp);
    put(given, ConfigurationKey.DNS, dns);
    put(given, ConfigurationKey.DNS_SEARCH, dnsSearch);
    put(given, ConfigurationKey.DNS_OPTS, dnsOptions);
    return given;
  }

  private static void put(
      Map<ConfigurationKey, JsonNode> given, ConfigurationKey key, Object value) {
    if (value != null) {
      JsonNode node = JSON.valueToTree(value);
      key.objection(node)
          .ifPresent(
              objection -> {
                throw invalid(objection);
              });
      given.put(key, node);
    }
  }

  private static JsonNode pool(String text) {
    var pool = JsonNodeFactory.instance.objectNode();
    for (String field : text.split(",", -1)) {
      int equals = field.indexOf('=');
      String key = equals < 0 ? field : field.substring(0, equals);
      String value = equals < 0 ? "" : field.substring(equals + 1);
      switch (key) {
        case "base" -> pool.put("base", value);
        case "size" -> {
          try {
            pool.put("size", Integer.parseInt(value));
          } catch (NumberFormatException e) {
            throw invalid("invalid size value: " + value);
          }
        }
        default -> throw invalid("unexpected key '" + key + "' in '" + field + "'");
      }
    }
    if (!pool.has("base") || !pool.has("size")) {
      throw invalid("default-address-pool needs a base and a size: " + text);
    }
    return pool;
  }

  private static RuntimeFailure invalid(String words) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, words);
  }
}
