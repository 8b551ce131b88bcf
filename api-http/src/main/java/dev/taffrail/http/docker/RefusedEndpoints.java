package dev.taffrail.http.docker;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import java.util.List;

/** What Docker's API has and Taffrail does not serve (yet), refused by name. */
final class RefusedEndpoints {
  static final String NO_SWARM =
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
          + " connect this node to swarm and try again.";
  private static final List<String> SWARM =
      List.of("swarm", "nodes", "services", "tasks", "secrets", "configs");
  private static final List<String> NOT_YET =
      List.of(
          "POST /containers/{name}/exec",
          "POST /containers/{name}/pause",
          "POST /containers/{name}/unpause",
          "POST /containers/{name}/rename",
          "GET /containers/{name}/top",
          "GET /containers/{name}/stats",
          "GET /containers/{name}/changes",
          "GET /containers/{name}/export",
          "GET /containers/{name}/attach/ws",
          "GET /containers/{name}/archive",
          "HEAD /containers/{name}/archive",
          "PUT /containers/{name}/archive",
          "GET /containers/{name}/checkpoints",
          "POST /containers/{name}/checkpoints",
          "DELETE /containers/{name}/checkpoints",
          "POST /exec/{name}/start",
          "POST /exec/{name}/resize",
          "GET /exec/{name}/json",
          "GET /images/search",
          "GET /images/get",
          "POST /images/load",
          "GET /images/{name}/get",
          "POST /images/{name}/push",
          "GET /distribution/{name}/json",
          "POST /build",
          "POST /build/cancel",
          "POST /commit",
          "POST /session",
          "POST /grpc",
          "POST /auth",
          "POST /volumes/create",
          "PUT /volumes/{name}",
          "POST /swarm/init",
          "POST /swarm/join",
          "GET /plugins",
          "GET /plugins/privileges",
          "POST /plugins/pull",
          "POST /plugins/create");

  private RefusedEndpoints() {}

  /** Goes last into the table: these templates are wider than those of what is served. */
  static void addTo(EndpointTable table) {
    for (String line : NOT_YET) {
      String[] parts = line.split(" ", 2);
      Endpoint refusal =
          exchange ->
              Future.failedFuture(
                  new RuntimeFailure(
                      Kind.UNIMPLEMENTED,
                      "Taffrail does not support "
                          + parts[0]
                          + " "
                          + parts[1].replace("{name}", "{id}")
                          + " yet"));
      switch (parts[0]) {
        case "GET" -> table.get(parts[1], refusal);
        case "HEAD" -> table.head(parts[1], refusal);
        case "PUT" -> table.put(parts[1], refusal);
        case "DELETE" -> table.delete(parts[1], refusal);
        default -> table.post(parts[1], refusal);
      }
    }
    for (String noun : SWARM) {
      Endpoint refusal =
          exchange -> Future.failedFuture(new RuntimeFailure(Kind.UNAVAILABLE, NO_SWARM));
      for (String template : List.of("/" + noun, "/" + noun + "/{name}")) {
        table.get(template, refusal).post(template, refusal).delete(template, refusal);
      }
    }
  }
}
