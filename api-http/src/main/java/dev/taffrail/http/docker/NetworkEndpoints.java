package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.CreatedNetwork;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.NetworkView;
import dev.taffrail.core.network.Networks;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Networks: list, inspect, create, remove, connect, disconnect. Beside those of {@link Networks}
 * there are {@code none} and {@code host}.
 */
final class NetworkEndpoints {
  private static final int MAX_BODY_BYTES = 1024 * 1024;
  private static final Set<String> FILTERS =
      Set.of("dangling", "driver", "id", "label", "name", "scope", "type");
  private static final Set<String> TYPES = Set.of("builtin", "custom");
  private static final String LOCAL = "local";

  private final Containers containers;
  private final Networks networks;
  private final BuiltinNetworks builtin;

  NetworkEndpoints(Containers containers, Networks networks, BuiltinNetworks builtin) {
    this.containers = containers;
    this.networks = networks;
    this.builtin = builtin;
  }

  void addTo(EndpointTable table) {
    table
        .get("/networks", this::list)
        .get("/networks/", this::list)
        .get("/networks/{name}", this::inspect)
        .post("/networks/create", this::create)
        .post("/networks/{name}/connect", this::connect)
        .post("/networks/{name}/disconnect", this::disconnect)
        .delete("/networks/{name}", this::remove);
  }

  private Future<Void> list(Exchange exchange) {
    Filters filters = exchange.filters(FILTERS);
    check(filters);
    return networks
        .list(exchange.call())
        .compose(
            all -> {
              // Before API 1.28 the list told as much as an inspection.
              boolean detailed = !exchange.version().atLeast(28);
              Future<List<ContainerView>> members =
                  detailed ? containers.list(exchange.call()) : Future.succeededFuture(List.of());
              return members.compose(views -> exchange.json(list(filters, all, views, detailed)));
            });
  }

  private static void check(Filters filters) {
    for (String type : filters.get("type")) {
      if (!TYPES.contains(type)) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid filter: 'type'='" + type + "'");
      }
    }
    Set<String> dangling = filters.get("dangling");
    if (dangling.size() > 1) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "got more than one value for filter key \"dangling\"");
    }
    if (!Set.of("0", "false", "1", "true").containsAll(dangling)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or"
              + " \"0\")");
    }
  }

  private ArrayNode list(
      Filters filters, List<NetworkView> all, List<ContainerView> views, boolean detailed) {
    List<ObjectNode> shown = new ArrayList<>();
    for (BuiltinNetworks.Builtin network : builtin.all()) {
      if (matches(filters, network.name(), network.id(), network.driver(), Map.of(), true)) {
        ObjectNode json = NetworkJson.of(network);
        shown.add(detailed ? NetworkJson.withMembers(json, members(network, views)) : json);
      }
    }
    for (NetworkView view : all) {
      Network network = view.network();
      boolean used = network.isPredefined() || !view.endpoints().isEmpty();
      if (matches(
          filters, network.name(), network.id(), network.driver(), network.labels(), used)) {
        ObjectNode json = NetworkJson.of(network);
        shown.add(detailed ? NetworkJson.withEndpoints(json, view.endpoints(), views) : json);
      }
    }
    shown.sort(Comparator.comparing(json -> json.get("Name").asText()));
    return Json.array().addAll(shown);
  }

  private static boolean matches(
      Filters filters,
      String name,
      String id,
      String driver,
      Map<String, String> labels,
      boolean used) {
    return filters.matchesExpression("name", name)
        && filters.matchesExpression("id", id)
        && filters.any("driver", driver::equals)
        && filters.any("scope", LOCAL::equals)
        && filters.any("type", type -> type.equals("builtin") == NetworkNames.isPredefined(name))
        && filters.matchesBoolean("dangling", !used)
        && filters.matchesLabels("label", labels);
  }

  private static List<ContainerView> members(
      BuiltinNetworks.Builtin network, List<ContainerView> views) {
    return views.stream()
        .filter(
            view ->
                view.status().isRunning()
                    && view.specification().networkMode().equals(network.name()))
        .toList();
  }

  private Future<Void> inspect(Exchange exchange) {
    String name = exchange.name();
    exchange
        .query("verbose")
        .filter(text -> GoText.parseBoolean(text).isEmpty())
        .ifPresent(
            text -> {
              throw new RuntimeFailure(
                  Kind.INVALID_ARGUMENT,
                  "invalid value for verbose: "
                      + text
                      + ": strconv.ParseBool: parsing "
                      + GoText.quote(text)
                      + ": invalid syntax");
            });
    if (!exchange.query("scope").orElse(LOCAL).equals(LOCAL)) {
      return Future.failedFuture(notFound(name));
    }
    return find(exchange, name).compose(found -> json(exchange, found)).compose(exchange::json);
  }

  private static RuntimeFailure notFound(String name) {
    return new RuntimeFailure(Kind.NOT_FOUND, "network " + name + " not found");
  }

  /** One of the two kinds. */
  private record Found(Optional<BuiltinNetworks.Builtin> builtin, Optional<NetworkView> view) {
    static Found of(BuiltinNetworks.Builtin builtin) {
      return new Found(Optional.of(builtin), Optional.empty());
    }

    static Found of(NetworkView view) {
      return new Found(Optional.empty(), Optional.of(view));
    }
  }

  private Future<Found> find(Exchange exchange, String name) {
    return builtin
        .find(name)
        .map(network -> Future.succeededFuture(Found.of(network)))
        .orElseGet(
            () ->
                networks
                    .get(exchange.call(), name)
                    .map(Found::of)
                    .recover(
                        cause ->
                            builtin
                                .findByPrefix(name)
                                .filter(network -> RuntimeFailure.kindOf(cause) == Kind.NOT_FOUND)
                                .map(network -> Future.succeededFuture(Found.of(network)))
                                .orElseGet(() -> Future.failedFuture(cause))));
  }

  private Future<JsonNode> json(Exchange exchange, Found found) {
    return containers
        .list(exchange.call())
        .map(
            all ->
                found
                    .view()
                    .map(
                        view ->
                            NetworkJson.withEndpoints(
                                NetworkJson.of(view.network()), view.endpoints(), all))
                    .orElseGet(
                        () -> {
                          BuiltinNetworks.Builtin network = found.builtin().orElseThrow();
                          return NetworkJson.withMembers(
                              NetworkJson.of(network), members(network, all));
                        }));
  }

  private Future<Void> create(Exchange exchange) {
    return body(exchange)
        .compose(
            body ->
                networks.create(
                    exchange.call().detached(), NetworkCreateBody.read(body, exchange.version())))
        .compose(created -> exchange.json(201, answer(created)));
  }

  private static Future<Body> body(Exchange exchange) {
    return exchange.jsonBody(MAX_BODY_BYTES).map(json -> Body.top(json.orElseGet(Json::object)));
  }

  private static ObjectNode answer(CreatedNetwork created) {
    return Json.object()
        .put("Id", created.id())
        .put("Warning", String.join("\n", created.warnings()));
  }

  private Future<Void> remove(Exchange exchange) {
    return find(exchange, exchange.name())
        .compose(
            found -> {
              if (found.builtin().isPresent()) {
                throw new RuntimeFailure(
                    Kind.PERMISSION_DENIED,
                    found.builtin().get().name()
                        + " is a pre-defined network and cannot be removed");
              }
              return networks.remove(
                  exchange.call().detached(), found.view().orElseThrow().network().id());
            })
        .compose(removed -> exchange.noContent());
  }

  private Future<Void> connect(Exchange exchange) {
    return body(exchange)
        .compose(
            body ->
                container(exchange, body)
                    .compose(view -> connect(exchange, view, body.object("EndpointConfig"))))
        .compose(connected -> done(exchange));
  }

  private Future<ContainerView> container(Exchange exchange, Body body) {
    return containers.get(
        exchange.call(),
        body.text("Container")
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Kind.INVALID_ARGUMENT, "invalid name or ID supplied: \"\"")));
  }

  private Future<Void> connect(Exchange exchange, ContainerView container, Body settings) {
    String mode = container.specification().networkMode();
    return find(exchange, exchange.name())
        .compose(
            found -> {
              if (found.builtin().isPresent()) {
                checkConnect(mode, found.builtin().get().name());
                return Future.succeededFuture();
              }
              String network = found.view().orElseThrow().network().name();
              EndpointSettings asked = EndpointBody.read(network, settings);
              return containers.connect(exchange.call().detached(), container.id(), network, asked);
            });
  }

  /** Connecting to what it is on already is nothing; see moby's updateNetworkSettings. */
  private static void checkConnect(String mode, String network) {
    if (mode.equals(network)) {
      return;
    }
    if (network.equals(NetworkNames.HOST)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "cannot connect container to host network - container must be created in host network"
              + " mode");
    }
    throw new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        NetworkNames.hasEndpoints(mode)
            ? "container cannot be connected to multiple networks with one of the networks in"
                + " private (none) mode"
            : "container sharing network namespace with another container or host cannot be"
                + " connected to any other network");
  }

  private Future<Void> disconnect(Exchange exchange) {
    return body(exchange)
        .compose(
            body -> {
              boolean force = body.flag("Force");
              return container(exchange, body)
                  .recover(cause -> force ? noEndpoint(exchange, body, cause) : failed(cause))
                  .compose(view -> disconnect(exchange, view, force));
            })
        .compose(disconnected -> done(exchange));
  }

  private static <T> Future<T> failed(Throwable cause) {
    return Future.failedFuture(cause);
  }

  /** By force the network is asked for what is left of a container that is gone: nothing. */
  private Future<ContainerView> noEndpoint(Exchange exchange, Body body, Throwable cause) {
    if (RuntimeFailure.kindOf(cause) != Kind.NOT_FOUND) {
      return Future.failedFuture(cause);
    }
    return find(exchange, exchange.name())
        .compose(
            found ->
                Future.failedFuture(
                    new RuntimeFailure(
                        Kind.NOT_FOUND,
                        "endpoint " + body.text("Container").orElse("") + " not found",
                        cause)));
  }

  private Future<Void> disconnect(Exchange exchange, ContainerView container, boolean force) {
    return find(exchange, exchange.name())
        .compose(
            found -> {
              if (found.builtin().isPresent()) {
                return Future.failedFuture(
                    cannotDisconnect(container, found.builtin().get().name()));
              }
              return containers.disconnect(
                  exchange.call().detached(),
                  container.id(),
                  found.view().orElseThrow().network().name(),
                  force);
            });
  }

  private static RuntimeFailure cannotDisconnect(ContainerView container, String network) {
    if (!container.specification().networkMode().equals(network)) {
      return new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "container " + container.id() + " is not connected to network " + network);
    }
    return network.equals(NetworkNames.HOST)
        ? new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "cannot disconnect container from host network - container was created in host network"
                + " mode")
        : Refusals.unsupported("disconnecting a container from the network " + network);
  }

  private static Future<Void> done(Exchange exchange) {
    return exchange.response().setStatusCode(200).end();
  }
}
