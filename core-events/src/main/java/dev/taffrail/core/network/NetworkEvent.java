package dev.taffrail.core.network;

import dev.taffrail.core.event.About;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventFamily;
import dev.taffrail.core.event.Reservation;
import dev.taffrail.core.event.Rows;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.ip.IpText;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Decisions and facts about networks; the subject is {@code <namespace>/networks/<id>}. */
public sealed interface NetworkEvent extends Event {
  Table<Network> NETWORKS = Table.of("networks", Network.class);

  /** Row ids are names; the owner is the network id. */
  Table<Reservation> NAMES = Table.reservations("network_names");

  /** Row ids are {@code <container id>/<network id>}. */
  Table<Endpoint> ENDPOINTS = Table.of("network_endpoints", Endpoint.class);

  /** Row ids are {@code <container id>/<network id>}; none where addresses are reserved. */
  Table<Lease> LEASES = Table.of("network_leases", Lease.class);

  /** Row ids are {@code <network id>/<address>}; the owner is a container id. */
  Table<Reservation> ADDRESSES = Table.reservations("network_addresses");

  /** Row ids are container ids. */
  Table<PublishedPorts> PORTS = Table.of("network_ports", PublishedPorts.class);

  /** Row ids are {@code <protocol>/<port>/<address>}; the owner is a container id. */
  Table<Reservation> HOST_PORTS = Table.reservations("host_ports");

  EventFamily<NetworkEvent> FAMILY =
      EventFamily.of(NetworkEvent.class)
          .tables(NETWORKS, NAMES, ENDPOINTS, LEASES, ADDRESSES, PORTS, HOST_PORTS)
          .on("dev.taffrail.network.created.v1", Created.class, NetworkEvent::created)
          .on("dev.taffrail.network.removed.v1", Removed.class, NetworkEvent::removed)
          .on("dev.taffrail.network.attached.v1", Attached.class, NetworkEvent::attached)
          .on("dev.taffrail.network.addressed.v1", Addressed.class, NetworkEvent::addressed)
          .on("dev.taffrail.network.rerouted.v1", Rerouted.class, NetworkEvent::rerouted)
          .on("dev.taffrail.network.detached.v1", 2, Detached.class, NetworkEvent::detached)
          .on("dev.taffrail.network.published.v1", Published.class, NetworkEvent::published)
          .on("dev.taffrail.network.unpublished.v1", Unpublished.class, NetworkEvent::unpublished)
          .build();

  static Subject subject(String id) {
    return Subject.of("networks", id);
  }

  /** The key of an address's reservation. */
  static String addressKey(String network, InetAddress address) {
    return network + "/" + IpText.of(address);
  }

  /** The key of a host port's reservation. */
  static String portKey(PortBinding binding) {
    return binding.protocol() + "/" + binding.hostPort() + "/" + IpText.of(binding.hostAddress());
  }

  /** What the driver gave {@code endpoint}, if it has addresses of its own. */
  static Optional<Lease> lease(StateView view, Endpoint endpoint) {
    return view.find(LEASES, endpoint.key());
  }

  private static void created(Rows rows, Created event) {
    String id = rows.subject().id();
    rows.reserve(NAMES, event.network().name(), id);
    rows.put(NETWORKS, id, event.network());
  }

  private static void removed(Rows rows, Removed event) {
    String id = rows.subject().id();
    rows.release(NAMES, rows.get(NETWORKS, id).name(), id);
    rows.remove(NETWORKS, id);
  }

  private static void attached(Rows rows, Attached event) {
    Endpoint endpoint = event.endpoint();
    for (InetAddress address : endpoint.addresses()) {
      rows.reserve(ADDRESSES, addressKey(endpoint.network(), address), endpoint.container());
    }
    rows.put(ENDPOINTS, endpoint.key(), endpoint);
  }

  private static void addressed(Rows rows, Addressed event) {
    String key = Endpoint.key(event.container(), rows.subject().id());
    // It is there: a lease without an endpoint would never go.
    rows.put(LEASES, rows.get(ENDPOINTS, key).key(), event.lease());
  }

  private static void rerouted(Rows rows, Rerouted event) {
    rows.update(
        ENDPOINTS,
        Endpoint.key(event.container(), rows.subject().id()),
        was -> was.withGateway(event.gateway()));
  }

  private static void detached(Rows rows, Detached event) {
    String key = Endpoint.key(event.container(), rows.subject().id());
    Endpoint endpoint = rows.get(ENDPOINTS, key);
    for (InetAddress address : endpoint.addresses()) {
      rows.release(ADDRESSES, addressKey(endpoint.network(), address), endpoint.container());
    }
    rows.remove(LEASES, key);
    rows.remove(ENDPOINTS, key);
  }

  private static void published(Rows rows, Published event) {
    for (PortBinding binding : event.bindings()) {
      rows.reserve(HOST_PORTS, portKey(binding), event.container());
    }
    rows.put(PORTS, event.container(), new PublishedPorts(rows.subject().id(), event.bindings()));
  }

  private static void unpublished(Rows rows, Unpublished event) {
    for (PortBinding binding : rows.get(PORTS, event.container()).bindings()) {
      rows.release(HOST_PORTS, portKey(binding), event.container());
    }
    rows.remove(PORTS, event.container());
  }

  /** The network exists; its name and its ranges are taken. */
  @About("The network exists; its name and its address ranges are taken.")
  record Created(Network network) implements NetworkEvent {
    public Created {
      Objects.requireNonNull(network, "network");
    }
  }

  /** Nothing of it is left; its name and its ranges are free. */
  @About("Nothing of the network is left; its name and its address ranges are free.")
  record Removed() implements NetworkEvent {}

  /**
   * An intent: the container's addresses are reserved, and its link is about to be made. Without
   * addresses where the driver has some of its own: {@link Addressed} tells them.
   */
  @About("A container's addresses on the network are reserved; its link is about to be made.")
  record Attached(Endpoint endpoint) implements NetworkEvent {
    public Attached {
      Objects.requireNonNull(endpoint, "endpoint");
    }
  }

  /** What came of it where the driver has addresses of its own: those that it gave. */
  @About("A container's link is made; these are the addresses that the driver has given it.")
  record Addressed(String container, Lease lease) implements NetworkEvent {
    public Addressed {
      Objects.requireNonNull(container, "container");
      Objects.requireNonNull(lease, "lease");
    }
  }

  /** The container's way out is through this network from now on, or no longer. */
  @About("A container's default route is through this network from now on, or no longer.")
  record Rerouted(String container, boolean gateway) implements NetworkEvent {
    public Rerouted {
      Objects.requireNonNull(container, "container");
    }
  }

  /** Its link is gone, its addresses are free. */
  @About("A container's link to the network is gone; its addresses are free.")
  record Detached(String container) implements NetworkEvent {
    public Detached {
      Objects.requireNonNull(container, "container");
    }
  }

  /** Host ports are reserved for a container, which is reached through this network. */
  @About("Host ports are reserved for a container, which is reached through this network.")
  record Published(String container, List<PortBinding> bindings) implements NetworkEvent {
    public Published {
      Objects.requireNonNull(container, "container");
      bindings = List.copyOf(bindings);
    }
  }

  /** Nobody is reached at these ports any more; they are free. */
  @About("A container is no longer reached at host ports; they are free.")
  record Unpublished(String container) implements NetworkEvent {
    public Unpublished {
      Objects.requireNonNull(container, "container");
    }
  }
}
