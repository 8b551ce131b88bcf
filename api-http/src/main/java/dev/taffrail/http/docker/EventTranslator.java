package dev.taffrail.http.docker;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventDefinition;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventFilter;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Snapshot;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.task.TaskExit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logged events → events as moby's engine would have sent them, for one reader. It reads state as
 * of the event, so it blocks; use it from one thread at a time.
 */
final class EventTranslator {
  private static final Logger LOG = LoggerFactory.getLogger(EventTranslator.class);
  private static final int REMEMBERED = 1024;
  private static final Set<Phase> ENDED = Set.of(Phase.EXITED, Phase.REMOVING);

  /** What is translated at all. */
  static final EventFilter FILTER =
      new EventFilter(
          List.of("dev.taffrail.container.*", "dev.taffrail.image.*", "dev.taffrail.network.*"),
          List.of(Subject.DEFAULT_NAMESPACE + "/*"));

  private final EventLog log;
  private final NetworkEvents networkEvents;
  private final Map<String, Known> containers = remembering();
  private final Map<String, Map<String, String>> imageLabels = remembering();
  private final Map<String, Network> networks = remembering();

  /** What Docker's events repeat about a container. */
  private record Known(String name, ContainerSpecification specification) {
    Map<String, String> attributes() {
      Map<String, String> attributes = new TreeMap<>(specification.labels());
      attributes.put("image", specification.imageName());
      attributes.put("name", name);
      return attributes;
    }
  }

  EventTranslator(EventLog log) {
    this.log = log;
    this.networkEvents = new NetworkEvents(new BuiltinNetworks(log.info().logId()));
  }

  private static <V> Map<String, V> remembering() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /**
   * In the order Docker sends them; empty for what it has no event for. A redacted event is told
   * with what stands in for its payload.
   */
  List<DockerEvent> translate(LoggedEvent logged) {
    Optional<EventDefinition<?>> definition = log.catalogue().find(logged.header().type());
    Optional<String> payload = definition.isPresent() ? log.payload(logged) : Optional.empty();
    if (payload.isEmpty()) {
      return List.of();
    }
    Event event =
        EventJson.read(
            payload.get().getBytes(StandardCharsets.UTF_8), definition.get().eventClass());
    if (event instanceof ContainerEvent container) {
      return container(logged.header(), container);
    } else if (event instanceof NetworkEvent network) {
      return network(logged.header(), network);
    }
    return event instanceof ImageEvent image ? image(logged.header(), image) : List.of();
  }

  private List<DockerEvent> container(EventHeader header, ContainerEvent event) {
    String id = header.subject().id();
    if (event instanceof ContainerEvent.Created created) {
      containers.put(id, new Known(created.name(), created.specification()));
      return List.of(container(header, "create", Map.of()));
    } else if (event instanceof ContainerEvent.TaskStarted) {
      List<DockerEvent> events = new ArrayList<>(ofMode(header, "connect"));
      events.add(container(header, "start", Map.of()));
      return events;
    } else if (event instanceof ContainerEvent.KillRequested kill) {
      return List.of(kill(header, kill.signal()));
    } else if (event instanceof ContainerEvent.StopRequested stop) {
      return runs(header) ? List.of(kill(header, stop.signal())) : List.of();
    } else if (event instanceof ContainerEvent.RestartRequested restart) {
      // Of a container that does not run, only the start is shown.
      return runs(header) ? List.of(kill(header, restart.signal())) : List.of();
    } else if (event instanceof ContainerEvent.Restarted) {
      return List.of(container(header, "restart", Map.of()));
    } else if (event instanceof ContainerEvent.PolicyChanged) {
      return List.of(container(header, "update", Map.of()));
    } else if (event instanceof ContainerEvent.TaskExited exited) {
      return exited(header, exited);
    } else if (event instanceof ContainerEvent.Removed) {
      DockerEvent destroy = container(header, "destroy", Map.of());
      containers.remove(id);
      return List.of(destroy);
    }
    return List.of();
  }

  private List<DockerEvent> ofMode(EventHeader header, String action) {
    return networkEvents.ofMode(
        header, action, known(header, header.subject().id()).map(Known::specification));
  }

  private boolean isAttached(Cursor cursor, String container) {
    return asOf(
            cursor,
            state ->
                Optional.of(
                    !state
                        .list(
                            NetworkEvent.ENDPOINTS,
                            Subject.DEFAULT_NAMESPACE,
                            Endpoint.key(container, ""))
                        .isEmpty()))
        .orElse(false);
  }

  private List<DockerEvent> network(EventHeader header, NetworkEvent event) {
    List<DockerEvent> events =
        new ArrayList<>(NetworkEvents.translate(header, event, known(header, event)));
    if (event instanceof NetworkEvent.Detached detached) {
      events.addAll(stopped(header, detached.container()));
    }
    return events;
  }

  /** Docker says that a container was stopped once it has left the last of its networks. */
  private List<DockerEvent> stopped(EventHeader header, String container) {
    boolean ended =
        asOf(header.cursor(), state -> state.find(ContainerEvent.CONTAINERS, container))
            .filter(status -> status.stop().isPresent())
            .filter(status -> ENDED.contains(status.phase()))
            .isPresent();
    return ended && !isAttached(header.cursor(), container)
        ? List.of(container(header, container, "stop", Map.of()))
        : List.of();
  }

  /** At its removal a network is known one event earlier only. */
  private Optional<Network> known(EventHeader header, NetworkEvent event) {
    String id = header.subject().id();
    if (event instanceof NetworkEvent.Created created) {
      networks.put(id, created.network());
    }
    if (!networks.containsKey(id)) {
      Function<Snapshot, Optional<Network>> find = state -> state.find(NetworkEvent.NETWORKS, id);
      asOf(header.cursor(), find)
          .or(() -> asOf(before(header), find))
          .ifPresent(network -> networks.put(id, network));
    }
    return Optional.ofNullable(networks.get(id));
  }

  private boolean runs(EventHeader header) {
    return asOf(
            header.cursor(), state -> state.find(ContainerEvent.CONTAINERS, header.subject().id()))
        .map(ContainerStatus::isRunning)
        .orElse(true);
  }

  private DockerEvent kill(EventHeader header, String signal) {
    return container(header, "kill", Map.of("signal", Signals.number(signal)));
  }

  private List<DockerEvent> exited(EventHeader header, ContainerEvent.TaskExited event) {
    TaskExit exit = event.exit();
    Optional<ContainerStatus> status =
        asOf(
            header.cursor(), state -> state.find(ContainerEvent.CONTAINERS, header.subject().id()));
    List<DockerEvent> events = new ArrayList<>();
    if (exit.reason() == TaskExit.Reason.OUT_OF_MEMORY) {
      events.add(container(header, "oom", Map.of()));
    }
    Map<String, String> details = new TreeMap<>();
    details.put("exitCode", Integer.toString(exit.code()));
    status
        .flatMap(ContainerStatus::startedAt)
        .ifPresent(
            start ->
                details.put(
                    "execDuration",
                    Long.toString(Math.max(0, Duration.between(start, exit.at()).toSeconds()))));
    events.add(container(header, "die", details));
    events.addAll(ofMode(header, "disconnect"));
    boolean leavesNetworks =
        event.restart().isEmpty() && isAttached(header.cursor(), header.subject().id());
    if (status.flatMap(ContainerStatus::stop).isPresent() && !leavesNetworks) {
      events.add(container(header, "stop", Map.of()));
    }
    return events;
  }

  private DockerEvent container(EventHeader header, String action, Map<String, String> details) {
    return container(header, header.subject().id(), action, details);
  }

  private DockerEvent container(
      EventHeader header, String id, String action, Map<String, String> details) {
    Map<String, String> attributes = new TreeMap<>();
    known(header, id).ifPresent(known -> attributes.putAll(known.attributes()));
    attributes.putAll(details);
    return new DockerEvent("container", action, id, attributes, header.time(), header.cursor());
  }

  private Optional<Known> known(EventHeader header, String id) {
    Known remembered = containers.get(id);
    if (remembered == null) {
      Function<Snapshot, Optional<Known>> find =
          state ->
              state
                  .find(ContainerEvent.SPECIFICATIONS, id)
                  .flatMap(
                      specification ->
                          state
                              .find(ContainerEvent.CONTAINERS, id)
                              .map(status -> new Known(status.name(), specification)));
      // At its removal a container is known one event earlier only.
      remembered = asOf(header.cursor(), find).or(() -> asOf(before(header), find)).orElse(null);
      if (remembered != null) {
        containers.put(id, remembered);
      }
    }
    return Optional.ofNullable(remembered);
  }

  private static Cursor before(EventHeader header) {
    return new Cursor(header.epoch(), header.sequence() - 1);
  }

  /** Empty also where history does not reach: the event is shown without what was there. */
  private <T> Optional<T> asOf(Cursor cursor, Function<Snapshot, Optional<T>> reading) {
    try (Snapshot state = log.asOf(cursor)) {
      return reading.apply(state);
    } catch (RuntimeFailure e) {
      LOG.debug("No state as of {} for an event's attributes", cursor, e);
      return Optional.empty();
    }
  }

  private List<DockerEvent> image(EventHeader header, ImageEvent event) {
    String id = header.subject().id();
    if (event instanceof ImageEvent.Created created) {
      imageLabels.put(id, created.image().configuration().labels());
      return switch (created.source()) {
        case IMPORT -> List.of(image(header, "import", id));
        case PULL -> List.of(image(header, "pull", id));
        case LOAD -> List.of(image(header, "load", id));
        case BUILD, COMMIT -> List.of(image(header, "create", id));
      };
    } else if (event instanceof ImageEvent.Tagged tagged) {
      return List.of(image(header, "tag", ImageReference.parse(tagged.reference()).familiar()));
    } else if (event instanceof ImageEvent.Untagged) {
      return List.of(image(header, "untag", id));
    }
    return event instanceof ImageEvent.Removed ? List.of(image(header, "delete", id)) : List.of();
  }

  private DockerEvent image(EventHeader header, String action, String name) {
    String id = header.subject().id();
    Map<String, String> labels = imageLabels.get(id);
    if (labels == null) {
      Function<Snapshot, Optional<Image>> find = state -> state.find(ImageEvent.IMAGES, id);
      labels =
          asOf(header.cursor(), find)
              .or(() -> asOf(before(header), find))
              .map(image -> image.configuration().labels())
              .orElse(Map.of());
      imageLabels.put(id, labels);
    }
    Map<String, String> attributes = new TreeMap<>(labels);
    attributes.put("name", name);
    return new DockerEvent("image", action, id, attributes, header.time(), header.cursor());
  }
}
