package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import java.util.Set;

/** That there are no volumes, and no caches of builds. */
final class VolumeEndpoints {
  private static final Set<String> FILTERS = Set.of("dangling", "driver", "label", "name");

  private VolumeEndpoints() {}

  static void addTo(EndpointTable table) {
    table
        .get("/volumes", VolumeEndpoints::volumes)
        .get("/volumes/{name}", VolumeEndpoints::noVolume)
        .delete("/volumes/{name}", VolumeEndpoints::noVolume)
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

  private static Future<Void> volumes(Exchange exchange) {
    exchange.filters(FILTERS);
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
