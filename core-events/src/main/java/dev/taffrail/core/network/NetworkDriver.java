package dev.taffrail.core.network;

import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Makes networks of one kind in the kernel. A driver keeps nothing in the log: networks, endpoints
 * and ports are decided, and recorded, before it is called, and every call may come again after a
 * crash, for something that is there already in whole or in part. Its plugin id is {@code
 * network-driver.<name>}; the name is what clients choose.
 */
public interface NetworkDriver {
  PluginType<NetworkDriver> NETWORK_DRIVER =
      new PluginType<>("network-driver", NetworkDriver.class);

  /**
   * What is decided by before a network, or an endpoint on it, is there. Asked before {@link
   * #check}, of a network without ranges yet, and again at each start of the daemon.
   * INVALID_ARGUMENT for options that this kind of network cannot have.
   */
  @Deadline(seconds = 10)
  default Future<NetworkTraits> traits(CallContext call, Network network) {
    return Future.succeededFuture(NetworkTraits.BRIDGE);
  }

  /**
   * INVALID_ARGUMENT for options that this kind of network cannot have, UNIMPLEMENTED where the
   * kernel cannot make it. The network has no ranges yet.
   */
  @Deadline(seconds = 10)
  Future<Void> check(CallContext call, Network network);

  /** Makes what all endpoints of a network share. */
  @Deadline(seconds = 30)
  Future<Void> create(CallContext call, Network network);

  /** Takes it away. */
  @Deadline(seconds = 30)
  Future<Void> remove(CallContext call, Network network);

  /**
   * Makes the endpoint's link in {@code namespace}, up, with its addresses, and with the default
   * routes when the way out is through it.
   *
   * @return what it gave the endpoint where {@link NetworkTraits#ownRanges} is present, else empty
   */
  @Deadline(seconds = 30)
  Future<Optional<Lease>> attach(
      CallContext call, Network network, Endpoint endpoint, Path namespace, AttachOptions options);

  /**
   * Takes the endpoint off the network: nothing comes through its link any more.
   *
   * @param namespace which stays and loses its link; absent when it is about to be removed, or is
   *     gone, and the link with it
   */
  @Deadline(seconds = 30)
  Future<Void> detach(
      CallContext call, Network network, Endpoint endpoint, Optional<Path> namespace);

  /** The way out is, or is no longer, through the endpoint; idempotent. */
  @Deadline(seconds = 30)
  Future<Void> route(CallContext call, Network network, Endpoint endpoint, Path namespace);

  /**
   * Leads what comes to host ports to the endpoint. Not called where {@link NetworkTraits#ports} is
   * false; UNIMPLEMENTED then.
   */
  @Deadline(seconds = 30)
  Future<Void> publish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings);

  /** Ends that. */
  @Deadline(seconds = 30)
  Future<Void> unpublish(
      CallContext call, Network network, Endpoint endpoint, List<PortBinding> bindings);

  /**
   * Called once at a start of the daemon, before anything else: makes the networks anew where they
   * are gone, and takes away whatever of the driver's belongs to nothing that is named here. Links
   * of endpoints whose containers did not survive stay away.
   */
  @Deadline(seconds = 120)
  Future<Void> restore(CallContext call, List<Restored> networks);

  /**
   * For drivers to which all must be said at once.
   *
   * @param bindings for which {@link #publish} comes next
   * @param networking what the client asked for
   */
  record AttachOptions(List<PortBinding> bindings, Networking networking) {
    public AttachOptions {
      bindings = List.copyOf(bindings);
    }
  }

  /** A network, its endpoints, and the ports that are published through it. */
  record Restored(Network network, List<Attached> endpoints) {}

  /** An endpoint and its published ports. */
  record Attached(Endpoint endpoint, List<PortBinding> bindings) {}
}
