package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The two networks there are, {@code none} and {@code host}, and that there are no volumes. */
final class NetworkEndpoints {
  private static final Set<String> FILTERS =
      Set.of("dangling", "driver", "id", "label", "name", "scope", "type");
  private static final Set<String> VOLUME_FILTERS = Set.of("dangling", "driver", "label", "name");

  private final Containers containers;
  private final List<Network> networks;

  /**
   * A built-in network.
   *
   * @param id 64 hex digits, the same for the life of the data directory
   */
  record Network(String name, String driver, String id) {}

  NetworkEndpoints(Containers containers, String logId) {
    this.containers = containers;
    this.networks =
        List.of(
            new Network("host", "host", networkId(logId, "host")),
            new Network("none", "null", networkId(logId, "none")));
  }

  /** The id of a built-in network. */
  static String networkId(String logId, String name) {
    return Digest.sha256((logId + "/networks/" + name).getBytes(StandardCharsets.UTF_8)).hex();
  }

  void addTo(EndpointTable table) {
    table
        .get("/networks", this::list)
        .get("/networks/", this::list)
        .get("/networks/{name}", this::inspect)
        .post(
            "/networks/prune",
            exchange -> {
              ObjectNode answer = Json.object();
              answer.putNull("NetworksDeleted");
              return exchange.json(answer);
            })
        .get("/volumes", this::volumes)
        .get("/volumes/{name}", NetworkEndpoints::noVolume)
        .delete("/volumes/{name}", NetworkEndpoints::noVolume)
        .post(
            "/volumes/prune",
            exchange -> {
              ObjectNode answer = Json.object().put("SpaceReclaimed", 0);
              answer.putArray("VolumesDeleted");
              return exchange.json(answer);
            })
        .post(
            "/build/prune",
            exchange -> {
              ObjectNode answer = Json.object().put("SpaceReclaimed", 0);
              answer.putNull("CachesDeleted");
              return exchange.json(answer);
            });
  }

  private Future<Void> list(Exchange exchange) {
    Filters filters = exchange.filters(FILTERS);
    ArrayNode answer = Json.array();
    for (Network network : networks) {
      if (filters.matchesExpression("name", network.name())
          && filters.any("id", id -> network.id().startsWith(id))
          && filters.any("driver", network.driver()::equals)
          && filters.any("scope", "local"::equals)
          && filters.any("type", "builtin"::equals)
          && filters.matchesBoolean("dangling", false)
          && filters.matchesLabels("label", Map.of())) {
        answer.add(json(network, List.of()));
      }
    }
    return exchange.json(answer);
  }

  private Future<Void> inspect(Exchange exchange) {
    String name = exchange.name();
    Network found =
        networks.stream()
            .filter(
                network ->
                    network.name().equals(name)
                        || network.id().startsWith(name.toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(
                () -> new RuntimeFailure(Kind.NOT_FOUND, "network " + name + " not found"));
    return containers
        .list(exchange.call())
        .compose(
            all ->
                exchange.json(
                    json(
                        found,
                        all.stream()
                            .filter(
                                view ->
                                    view.status().isRunning()
                                        && view.specification().networkMode().equals(found.name()))
                            .toList())));
  }

  private static ObjectNode json(Network network, List<ContainerView> members) {
    ObjectNode json =
        Json.object()
            .put("Name", network.name())
            .put("Id", network.id())
            .put("Created", Times.NEVER)
            .put("Scope", "local")
            .put("Driver", network.driver())
            .put("EnableIPv4", true)
            .put("EnableIPv6", false);
    ObjectNode addresses = json.putObject("IPAM").put("Driver", "default");
    addresses.putNull("Options");
    addresses.putNull("Config");
    json.put("Internal", false).put("Attachable", false).put("Ingress", false);
    json.putObject("ConfigFrom").put("Network", "");
    json.put("ConfigOnly", false);
    ObjectNode attached = json.putObject("Containers");
    for (ContainerView member : members) {
      attached
          .putObject(member.id())
          .put("Name", member.status().name())
          .put("EndpointID", "")
          .put("MacAddress", "")
          .put("IPv4Address", "")
          .put("IPv6Address", "");
    }
    json.putObject("Options");
    json.putObject("Labels");
    return json;
  }

  private Future<Void> volumes(Exchange exchange) {
    exchange.filters(VOLUME_FILTERS);
    ObjectNode answer = Json.object();
    answer.putArray("Volumes");
    answer.putNull("Warnings");
    return exchange.json(answer);
  }

  private static Future<Void> noVolume(Exchange exchange) {
    return Future.failedFuture(
        new RuntimeFailure(Kind.NOT_FOUND, "get " + exchange.name() + ": no such volume"));
  }
}
