package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads what a create asks of networks. What older clients cannot say, or say elsewhere, is brought
 * into the present form first; see moby's postContainersCreate.
 */
final class NetworkingBody {
  private static final String MAC_ADDRESS = "MacAddress";
  private static final String PRIORITY = "GwPriority";

  private final Body config;
  private final Body host;
  private final ApiVersion version;
  private final List<String> warnings;
  private final String mode;

  private NetworkingBody(Body config, ApiVersion version, List<String> warnings) {
    this.config = config;
    this.host = config.object("HostConfig");
    this.version = version;
    this.warnings = warnings;
    this.mode = mode(host);
  }

  /** The network that a container is on, {@code bridge} when the client leaves the choice. */
  static String mode(Body host) {
    return host.text("NetworkMode")
        .filter(mode -> !mode.equals(NetworkNames.DEFAULT))
        .orElse(NetworkNames.BRIDGE);
  }

  /** INVALID_ARGUMENT in Docker's words; {@code warnings} gets what the client should be told. */
  static Networking read(Body config, ApiVersion version, List<String> warnings) {
    return new NetworkingBody(config, version, warnings).networking();
  }

  private Networking networking() {
    // In the order of moby: first what the version means, then the host's part, then the networks.
    Map<String, JsonNode> endpoints = endpoints();
    List<String> extraHosts = host.list("ExtraHosts").orElse(List.of());
    extraHosts.forEach(NetworkingBody::checkExtraHost);
    List<PortRequest> ports = PortsBody.read(host);
    boolean publishAll = host.flag("PublishAllPorts");
    if (NetworkNames.isContainer(mode)
        && ports.isEmpty()
        && !publishAll
        && !config.keys("ExposedPorts").isEmpty()) {
      throw invalid("conflicting options: port exposing and the container type network mode");
    }
    List<String> dns = host.list("Dns").orElse(List.of());
    for (String server : dns) {
      if (GoText.parseAddress(server).isEmpty()) {
        throw invalid("IP address is not correctly formatted: " + server);
      }
    }
    return new Networking(
        settings(endpoints),
        ports,
        publishAll,
        dns,
        host.list("DnsSearch").orElse(List.of()),
        host.list("DnsOptions").orElse(List.of()),
        extraHosts,
        host.list("Links").orElse(List.of()).stream()
            .map(link -> LinkText.parse(link).toString())
            .toList(),
        Optional.empty());
  }

  private static void checkExtraHost(String text) {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw invalid("bad format for add-host: " + GoText.quote(text));
    }
    String address = text.substring(colon + 1);
    if (!address.equals("host-gateway") && GoText.parseAddress(address).isEmpty()) {
      throw invalid("invalid IP address in add-host: " + GoText.quote(address));
    }
  }

  /** The settings as they are meant: null for a network without, never changed in place. */
  private Map<String, JsonNode> endpoints() {
    Body configuration = config.object("NetworkingConfig").object("EndpointsConfig");
    boolean chosen = host.text("NetworkMode").filter(asked -> asked.equals(mode)).isPresent();
    Map<String, JsonNode> endpoints = new TreeMap<>();
    for (Map.Entry<String, JsonNode> member : configuration.node().properties()) {
      boolean isDefault = !chosen && member.getKey().equals(NetworkNames.DEFAULT);
      endpoints.put(isDefault ? mode : member.getKey(), member.getValue().deepCopy());
    }
    if (!version.atLeast(44) && endpoints.size() > 1) {
      throw invalid(
          "Container cannot be created with multiple network endpoints: "
              + String.join(", ", endpoints.keySet()));
    }
    if (!version.atLeast(48)) {
      endpoints.values().forEach(endpoint -> remove(endpoint, PRIORITY));
    }
    moveMac(endpoints);
    return endpoints;
  }

  /** See moby's handleMACAddressBC. */
  private void moveMac(Map<String, JsonNode> endpoints) {
    Optional<String> mac = config.text(MAC_ADDRESS);
    boolean linked = NetworkNames.hasEndpoints(mode);
    if (!version.atLeast(44)) {
      if (mac.isEmpty()) {
        endpoints.values().forEach(endpoint -> remove(endpoint, MAC_ADDRESS));
        return;
      }
      if (!linked) {
        throw invalid("conflicting options: mac-address and the network mode");
      }
      // The only one there can be, under whatever name.
      put(endpoints, endpoints.keySet().stream().findFirst().orElse(mode), mac.get());
    } else if (mac.isPresent()) {
      if (linked) {
        if (!endpoints.isEmpty() && !endpoints.containsKey(mode)) {
          throw invalid(
              "unable to migrate container-wide MAC address to a specific network:"
                  + " HostConfig.NetworkMode must match the identity of a network in"
                  + " NetworkSettings.Networks");
        }
        Optional<String> own =
            Optional.ofNullable(endpoints.get(mode))
                .filter(JsonNode::isObject)
                .flatMap(node -> new Body("", node).text(MAC_ADDRESS));
        if (own.isPresent() && !own.equals(mac)) {
          throw invalid(
              "the container-wide MAC address must match the endpoint-specific MAC address for the"
                  + " main network, or be left empty");
        }
        put(endpoints, mode, mac.get());
      }
      warnings.add(
          "The container-wide MacAddress field is now deprecated. It should be specified in"
              + " EndpointsConfig instead.");
    }
  }

  private static void put(Map<String, JsonNode> endpoints, String network, String mac) {
    JsonNode endpoint = endpoints.computeIfAbsent(network, absent -> Json.object());
    remove(endpoint, MAC_ADDRESS);
    if (endpoint instanceof ObjectNode object) {
      object.put(MAC_ADDRESS, mac);
    }
  }

  /** Whatever its case. */
  private static void remove(JsonNode endpoint, String member) {
    if (endpoint instanceof ObjectNode object) {
      object.properties().stream()
          .map(Map.Entry::getKey)
          .filter(member::equalsIgnoreCase)
          .toList()
          .forEach(object::remove);
    }
  }

  private static Map<String, EndpointSettings> settings(Map<String, JsonNode> endpoints) {
    Problems problems = new Problems();
    Map<String, EndpointSettings> settings = new TreeMap<>();
    endpoints.forEach(
        (network, node) -> {
          try {
            settings.put(network, settings(network, node));
          } catch (RuntimeFailure e) {
            problems.add("invalid config for network " + network + ": " + e.getMessage());
          }
        });
    problems.check("");
    return settings;
  }

  private static EndpointSettings settings(String network, JsonNode node) {
    if (node.isNull()) {
      throw invalid("EndpointsConfig is nil");
    }
    String path = "NetworkingConfig.EndpointsConfig." + network;
    if (!node.isObject()) {
      throw invalid(path + " must be an object");
    }
    return EndpointBody.read(network, new Body(path, node));
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
