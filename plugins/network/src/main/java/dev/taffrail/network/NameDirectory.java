package dev.taffrail.network;

import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.network.dns.Names;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who is on which network under which names, in memory. Threads may share it. */
final class NameDirectory {
  private final Map<String, NetworkTable> tables = new ConcurrentHashMap<>();

  /** One network. */
  private static final class NetworkTable {
    private final String network;
    private final Map<String, List<Endpoint>> names = new ConcurrentHashMap<>();
    private final Map<InetAddress, Endpoint> addresses = new ConcurrentHashMap<>();

    NetworkTable(String network) {
      this.network = network;
    }
  }

  void add(NetworkDecider.Link link) {
    NetworkTable table =
        tables.computeIfAbsent(
            link.network().id(), id -> new NetworkTable(lower(link.network().name())));
    Endpoint endpoint = link.endpoint();
    for (String name : endpoint.names()) {
      table.names.computeIfAbsent(lower(name), none -> new CopyOnWriteArrayList<>()).add(endpoint);
    }
    endpoint.addresses().forEach(address -> table.addresses.put(address, endpoint));
  }

  void remove(NetworkDecider.Link link) {
    NetworkTable table = tables.get(link.network().id());
    if (table == null) {
      return;
    }
    Endpoint endpoint = link.endpoint();
    for (String name : endpoint.names()) {
      table.names.computeIfPresent(
          lower(name),
          (key, known) -> {
            known.removeIf(other -> other.id().equals(endpoint.id()));
            return known.isEmpty() ? null : known;
          });
    }
    endpoint.addresses().forEach(address -> table.addresses.remove(address));
  }

  void remove(Network network) {
    tables.remove(network.id());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * The names that a container knows.
   *
   * @param links asked for each query; networks that it leaves are not asked any more
   */
  Names of(List<NetworkDecider.Link> links) {
    return new Names() {
      @Override
      public Optional<List<InetAddress>> addresses(String name) {
        for (NetworkDecider.Link link : links) {
          Optional<List<InetAddress>> found = lookUp(link, name);
          if (found.isPresent()) {
            return found;
          }
        }
        return Optional.empty();
      }

      @Override
      public Optional<String> name(InetAddress address) {
        for (NetworkDecider.Link link : links) {
          NetworkTable table = tables.get(link.network().id());
          Endpoint endpoint = table == null ? null : table.addresses.get(address);
          if (endpoint != null && !endpoint.names().isEmpty()) {
            return Optional.of(endpoint.names().get(0) + "." + link.network().name());
          }
        }
        return Optional.empty();
      }
    };
  }

  private Optional<List<InetAddress>> lookUp(NetworkDecider.Link link, String asked) {
    NetworkTable table = tables.get(link.network().id());
    if (table == null) {
      return Optional.empty();
    }
    String suffix = "." + table.network;
    String name =
        asked.endsWith(suffix) && !table.names.containsKey(asked)
            ? asked.substring(0, asked.length() - suffix.length())
            : asked;
    String target = linked(link.endpoint(), name).map(NameDirectory::lower).orElse(name);
    List<Endpoint> found = table.names.get(target);
    if (found == null) {
      return Optional.empty();
    }
    List<InetAddress> all = new ArrayList<>();
    found.forEach(endpoint -> all.addAll(endpoint.addresses()));
    return Optional.of(all);
  }

  /** {@code --link container:alias}: the alias is known to this container alone. */
  private static Optional<String> linked(Endpoint endpoint, String name) {
    for (String link : endpoint.settings().links()) {
      int colon = link.indexOf(':');
      String alias = colon < 0 ? link : link.substring(colon + 1);
      if (lower(alias).equals(name)) {
        return Optional.of(colon < 0 ? link : link.substring(0, colon));
      }
    }
    return Optional.empty();
  }
}
