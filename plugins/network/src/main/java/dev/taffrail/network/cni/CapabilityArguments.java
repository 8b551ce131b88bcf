package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.ip.IpPrefix;
import dev.taffrail.core.ip.IpText;
import dev.taffrail.core.network.AddressPool;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.network.PortBinding;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a client asks for, as arguments by capability; see the conventions of CNI, "Well-known
 * Capabilities". What no plugin of a list can do is refused rather than left out.
 */
final class CapabilityArguments {
  static final String PORT_MAPPINGS = "portMappings";
  private static final String IPS = "ips";
  static final String MAC = "mac";
  private static final String ALIASES = "aliases";
  private static final String DNS = "dns";
  private static final InetAddress ANY_V4 = IpText.parse("0.0.0.0");
  private static final InetAddress ANY_V6 = IpText.parse("::");

  private final Network network;
  private final ConfigurationList list;
  private final ObjectNode arguments = CniJson.object();

  private CapabilityArguments(Network network, ConfigurationList list) {
    this.network = network;
    this.list = list;
  }

  /** INVALID_ARGUMENT, and UNIMPLEMENTED for ports, when the list lacks a capability. */
  static ObjectNode of(
      Network network,
      ConfigurationList list,
      Endpoint endpoint,
      List<PortBinding> bindings,
      Networking networking) {
    CapabilityArguments asked = new CapabilityArguments(network, list);
    asked.addresses(endpoint.settings());
    asked.mac(endpoint.mac());
    asked.aliases(endpoint);
    asked.dns(networking);
    return withPorts(network, list, asked.arguments, bindings);
  }

  /** The same arguments with other ports. */
  static ObjectNode withPorts(
      Network network, ConfigurationList list, ObjectNode others, List<PortBinding> bindings) {
    ObjectNode arguments = others.deepCopy();
    arguments.remove(PORT_MAPPINGS);
    if (!bindings.isEmpty()) {
      requirePorts(network, list);
      arguments.set(PORT_MAPPINGS, portMappings(bindings));
    }
    return arguments;
  }

  /** UNIMPLEMENTED when ports cannot be published. */
  static void requirePorts(Network network, ConfigurationList list) {
    if (!list.isCapable(PORT_MAPPINGS)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, lacks(network, PORT_MAPPINGS) + ", so no port can be published");
    }
  }

  private static String lacks(Network network, String capability) {
    return "no CNI plugin of network "
        + network.name()
        + " has the capability \""
        + capability
        + "\"";
  }

  /** One that is for both families has no host address. */
  private static ArrayNode portMappings(List<PortBinding> bindings) {
    ArrayNode mappings = CniJson.MAPPER.createArrayNode();
    for (PortBinding binding : bindings) {
      boolean all =
          binding.hostAddress().isAnyLocalAddress()
              && bindings.contains(binding.at(ANY_V4))
              && bindings.contains(binding.at(ANY_V6));
      if (all && binding.hostAddress().equals(ANY_V6)) {
        continue;
      }
      ObjectNode mapping =
          mappings
              .addObject()
              .put("hostPort", binding.hostPort())
              .put("containerPort", binding.containerPort())
              .put("protocol", binding.protocol());
      if (!all) {
        mapping.put("hostIP", IpText.of(binding.hostAddress()));
      }
    }
    return mappings;
  }

  private void addresses(EndpointSettings settings) {
    List<InetAddress> asked =
        Stream.concat(settings.ipv4().stream(), settings.ipv6().stream()).toList();
    if (!asked.isEmpty()) {
      require(IPS);
      ArrayNode ips = arguments.putArray(IPS);
      asked.forEach(address -> ips.add(withLength(address)));
    }
  }

  /** Some plugins need the length of the prefix. */
  private String withLength(InetAddress address) {
    Optional<IpPrefix> subnet =
        network.pools().stream()
            .map(AddressPool::subnet)
            .filter(each -> each.contains(address))
            .findFirst();
    return subnet
        .map(each -> new IpPrefix(address, each.length()).toString())
        .orElseGet(() -> IpText.of(address));
  }

  private void mac(String mac) {
    if (!mac.isEmpty()) {
      require(MAC);
      arguments.put(MAC, mac);
    }
  }

  private void require(String capability) {
    if (!list.isCapable(capability)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          lacks(network, capability) + ", so it cannot be chosen: plugins give what they want");
    }
  }

  /** The embedded name server knows them as well. */
  private void aliases(Endpoint endpoint) {
    ArrayNode aliases = arguments.putArray(ALIASES);
    endpoint.names().forEach(aliases::add);
  }

  private void dns(Networking networking) {
    if (!networking.dns().isEmpty()
        || !networking.dnsSearch().isEmpty()
        || !networking.dnsOptions().isEmpty()) {
      ObjectNode dns = arguments.putObject(DNS);
      add(dns.putArray("servers"), networking.dns());
      add(dns.putArray("searches"), networking.dnsSearch());
      add(dns.putArray("options"), networking.dnsOptions());
    }
  }

  private static void add(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }
}
