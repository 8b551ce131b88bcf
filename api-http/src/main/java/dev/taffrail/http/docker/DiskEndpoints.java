package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageUsage;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkView;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What takes room, {@code system/df}, and what gives it back, {@code prune}. */
final class DiskEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(DiskEndpoints.class);
  private static final Set<String> CONTAINER_FILTERS = Set.of("label", "label!", "until");
  private static final Set<String> IMAGE_FILTERS = Set.of("dangling", "label", "label!", "until");
  private static final Set<String> NETWORK_FILTERS = Set.of("label", "label!", "until");
  private static final Set<Kind> HINDRANCES =
      Set.of(Kind.FAILED_PRECONDITION, Kind.PERMISSION_DENIED, Kind.NOT_FOUND);
  private static final List<String> OBJECTS =
      List.of("container", "image", "volume", "build-cache");

  private final Containers containers;
  private final Images images;
  private final Networks networks;
  private final ContainerJson json;
  private final DiskSizes sizes;

  DiskEndpoints(Containers containers, Images images, Networks networks, ContainerJson json) {
    this.containers = containers;
    this.images = images;
    this.networks = networks;
    this.json = json;
    this.sizes = new DiskSizes(containers, images);
  }

  void addTo(EndpointTable table) {
    table
        .get("/system/df", this::usage)
        .post("/containers/prune", this::pruneContainers)
        .post("/images/prune", this::pruneImages)
        .post("/networks/prune", this::pruneNetworks);
  }

  private Future<Void> usage(Exchange exchange) {
    Set<String> objects = objects(exchange);
    CallContext call = exchange.call();
    return containers
        .list(call)
        .compose(
            all ->
                images
                    .list(call)
                    .compose(
                        known ->
                            Future.all(
                                    images.usage(call),
                                    sizes.of(call, all),
                                    KnownNetworks.of(call, networks, all))
                                .compose(
                                    rest ->
                                        exchange.json(
                                            usage(
                                                exchange.version(),
                                                objects,
                                                all,
                                                known,
                                                rest.resultAt(0),
                                                rest.resultAt(1),
                                                rest.resultAt(2))))));
  }

  private static Set<String> objects(Exchange exchange) {
    List<String> asked = exchange.queries("type");
    if (asked.isEmpty() || !exchange.version().atLeast(42)) {
      return Set.copyOf(OBJECTS);
    }
    for (String type : asked) {
      if (!OBJECTS.contains(type)) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "unknown object type: " + type);
      }
    }
    return Set.copyOf(asked);
  }

  private ObjectNode usage(
      ApiVersion version,
      Set<String> objects,
      List<ContainerView> all,
      List<ImageView> known,
      ImageUsage layers,
      Map<String, DiskSizes.Size> written,
      KnownNetworks networksKnown) {
    ObjectNode answer = Json.object();
    boolean image = objects.contains("image");
    answer.put("LayersSize", image ? layers.layers() : 0);
    ArrayNode imageList = image ? answer.putArray("Images") : Json.array();
    if (image) {
      Map<Digest, Long> users =
          all.stream()
              .collect(
                  Collectors.groupingBy(
                      view -> view.specification().image(), Collectors.counting()));
      for (ImageView view : known) {
        Digest id = view.image().id();
        imageList.add(
            ImageJson.summary(view, view.references(), version)
                .put("SharedSize", layers.shared().getOrDefault(id, 0L))
                .put("Containers", users.getOrDefault(id, 0L)));
      }
    } else {
      answer.putNull("Images");
    }
    if (objects.contains("container")) {
      ArrayNode list = answer.putArray("Containers");
      for (ContainerView view : all) {
        ObjectNode summary = json.summary(view, networksKnown, version);
        Optional.ofNullable(written.get(view.id())).ifPresent(size -> size.addTo(summary));
        list.add(summary);
      }
    } else {
      answer.putNull("Containers");
    }
    empty(answer, "Volumes", objects.contains("volume"));
    empty(answer, "BuildCache", objects.contains("build-cache"));
    return version.atLeast(42) ? answer : answer.put("BuilderSize", 0);
  }

  private static void empty(ObjectNode answer, String member, boolean asked) {
    if (asked) {
      answer.putArray(member);
    } else {
      answer.putNull(member);
    }
  }

  private Future<Void> pruneContainers(Exchange exchange) {
    PruneFilter filter = PruneFilter.of(exchange, CONTAINER_FILTERS);
    CallContext call = exchange.call();
    return containers
        .list(call)
        .compose(
            all -> {
              List<ContainerView> stopped =
                  all.stream()
                      .filter(
                          view ->
                              !ContainerJson.isUp(view.status())
                                  && filter.takes(
                                      view.specification().created(),
                                      view.specification().labels()))
                      .toList();
              return sizes
                  .of(call, stopped)
                  .compose(
                      measured ->
                          oneByOne(stopped, view -> removed(call, view))
                              .compose(
                                  gone -> {
                                    long bytes =
                                        gone.stream()
                                            .filter(measured::containsKey)
                                            .mapToLong(id -> measured.get(id).written())
                                            .sum();
                                    ObjectNode answer = Json.object();
                                    answer.set(
                                        "ContainersDeleted",
                                        gone.isEmpty() ? null : Json.strings(gone));
                                    return exchange.json(answer.put("SpaceReclaimed", bytes));
                                  }));
            });
  }

  private Future<Optional<String>> removed(CallContext call, ContainerView view) {
    return unlessHindered(
        "container " + view.id(),
        containers.remove(call.detached(), view.id(), false).map(gone -> view.id()));
  }

  /** Those that no container is on now. */
  private Future<Void> pruneNetworks(Exchange exchange) {
    PruneFilter filter = PruneFilter.of(exchange, NETWORK_FILTERS);
    CallContext call = exchange.call();
    return networks
        .list(call)
        .compose(
            all ->
                oneByOne(
                    all.stream()
                        .filter(
                            view ->
                                !view.network().isPredefined()
                                    && view.endpoints().isEmpty()
                                    && filter.takes(
                                        view.network().created(), view.network().labels()))
                        .map(NetworkView::network)
                        .toList(),
                    network -> removed(call, network)))
        .compose(
            gone -> {
              ObjectNode answer = Json.object();
              answer.set("NetworksDeleted", gone.isEmpty() ? null : Json.strings(gone));
              return exchange.json(answer);
            });
  }

  private Future<Optional<String>> removed(CallContext call, Network network) {
    return unlessHindered(
        "network " + network.name(),
        networks.remove(call.detached(), network.id()).map(gone -> network.name()));
  }

  private Future<Void> pruneImages(Exchange exchange) {
    PruneFilter filter = PruneFilter.of(exchange, IMAGE_FILTERS);
    boolean dangling =
        !filter.filters().has("dangling") || filter.filters().matchesBoolean("dangling", true);
    CallContext call = exchange.call();
    return containers
        .list(call)
        .compose(
            all -> {
              Set<Digest> used = new HashSet<>();
              all.forEach(view -> used.add(view.specification().image()));
              return images
                  .usage(call)
                  .compose(
                      before ->
                          images
                              .list(call)
                              .compose(
                                  known ->
                                      oneByOne(
                                          known.stream()
                                              .filter(view -> mayGo(view, used, dangling, filter))
                                              .toList(),
                                          view -> removed(call, view)))
                              .compose(
                                  gone ->
                                      images
                                          .usage(call)
                                          .compose(
                                              after ->
                                                  exchange.json(
                                                      pruned(
                                                          gone,
                                                          before.layers() - after.layers())))));
            });
  }

  private static boolean mayGo(
      ImageView view, Set<Digest> used, boolean dangling, PruneFilter filter) {
    boolean tagged =
        view.references().stream()
            .map(ImageReference::parse)
            .anyMatch(reference -> reference.digest().isEmpty());
    return !used.contains(view.image().id())
        && !(dangling && tagged)
        && filter.takes(view.image().created(), view.image().configuration().labels());
  }

  /** With all its names; forced, since several names are no hindrance here. */
  private Future<Optional<ImageRemoval>> removed(CallContext call, ImageView view) {
    String id = view.image().id().toString();
    return unlessHindered("image " + id, images.remove(call, id, view.references().size() > 1));
  }

  private static ObjectNode pruned(List<ImageRemoval> gone, long bytes) {
    ObjectNode answer = Json.object();
    if (gone.isEmpty()) {
      answer.putNull("ImagesDeleted");
    } else {
      ArrayNode list = answer.putArray("ImagesDeleted");
      gone.forEach(removal -> list.addAll(ImageJson.removal(removal)));
    }
    return answer.put("SpaceReclaimed", Math.max(0, bytes));
  }

  /** What came into use meanwhile, or is gone already, is left as it is. */
  private static <T> Future<Optional<T>> unlessHindered(String what, Future<T> removal) {
    return removal
        .map(Optional::of)
        .recover(
            cause -> {
              Kind kind = RuntimeFailure.kindOf(cause);
              if (!HINDRANCES.contains(kind)) {
                LOG.warn("Cannot prune {}", what, cause);
              }
              return Future.succeededFuture(Optional.empty());
            });
  }

  private static <V, T> Future<List<T>> oneByOne(
      List<V> views, Function<V, Future<Optional<T>>> removal) {
    Future<List<T>> gone = Future.succeededFuture(new ArrayList<>());
    for (V view : views) {
      gone =
          gone.compose(
              list ->
                  removal
                      .apply(view)
                      .map(
                          one -> {
                            one.ifPresent(list::add);
                            return list;
                          }));
    }
    return gone;
  }
}
