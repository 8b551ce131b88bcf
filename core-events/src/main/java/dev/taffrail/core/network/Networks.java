package dev.taffrail.core.network;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps networks, and the containers that run on them. Where a method takes a network's name, that
 * is a name, an id, or a unique prefix of one; NOT_FOUND says {@code network NAME not found} as
 * Docker does.
 */
public interface Networks {
  PluginType<Networks> NETWORKS = new PluginType<>("network", Networks.class);

  /**
   * ALREADY_EXISTS {@code network with name … already exists}; PERMISSION_DENIED for a predefined
   * one; INVALID_ARGUMENT with Docker's words, also for ranges that overlap.
   */
  @Deadline(seconds = 60)
  Future<CreatedNetwork> create(CallContext call, NetworkRequest request);

  /** PERMISSION_DENIED for a predefined one, or one that has containers on it. */
  @Deadline(seconds = 60)
  Future<Void> remove(CallContext call, String name);

  @Deadline(seconds = 10)
  Future<NetworkView> get(CallContext call, String name);

  /** Ordered by name. */
  @Deadline(seconds = 30)
  Future<List<NetworkView>> list(CallContext call);

  /** What {@link #get} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<NetworkView> getAsOf(CallContext call, String name, Cursor moment);

  /** What {@link #list} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<List<NetworkView>> listAsOf(CallContext call, Cursor moment);

  /**
   * Puts a container that is about to run on its networks and publishes its ports. What an earlier
   * run has left is taken away first, but for its addresses and ports, which stay the same. When it
   * fails, {@link #detach} undoes it.
   */
  @Deadline(seconds = 60)
  Future<Sandbox> attach(CallContext call, AttachRequest request);

  /**
   * For a container that shares the network of another: its namespace and the other's files.
   *
   * @param namespace of the other's first process
   */
  @Deadline(seconds = 10)
  Future<Sandbox> join(CallContext call, String other, Path namespace);

  /** Takes a container that does not run off all its networks; idempotent. */
  @Deadline(seconds = 60)
  Future<Void> detach(CallContext call, String container);

  /** Puts a container that runs on one more network. */
  @Deadline(seconds = 60)
  Future<Void> plug(
      CallContext call, AttachRequest request, String network, EndpointSettings settings);

  /** Takes a container that runs off one of its networks; idempotent. */
  @Deadline(seconds = 60)
  Future<Void> unplug(CallContext call, AttachRequest request, String network);
}
