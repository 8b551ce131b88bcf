package dev.taffrail.core.container;

import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.plugin.Unbounded;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Keeps containers. Where a method takes a name, that is an id, a unique prefix of one, or a name
 * with or without a leading slash; NOT_FOUND says {@code No such container: NAME} as Docker does.
 */
public interface Containers {
  PluginType<Containers> CONTAINERS = new PluginType<>("containers", Containers.class);

  /**
   * NOT_FOUND {@code No such image: …}; ALREADY_EXISTS {@code Conflict. The container name …} as
   * Docker says; INVALID_ARGUMENT; UNIMPLEMENTED for what Taffrail does not do yet.
   */
  @Deadline(seconds = 60)
  Future<CreatedContainer> create(CallContext call, CreateRequest request);

  /**
   * NOT_MODIFIED when it runs; INVALID_ARGUMENT or INTERNAL with the runtime's words when it cannot
   * be started.
   */
  @Deadline(seconds = 180)
  Future<Void> start(CallContext call, String name);

  /** NOT_MODIFIED when it does not run. Answers once it has ended. */
  @Unbounded
  Future<Void> stop(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds);

  /** As {@link #stop}, when it runs, and then {@link #start}; answers once it runs again. */
  @Unbounded
  Future<Void> restart(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds);

  /** FAILED_PRECONDITION when it is being removed, or removes itself. */
  @Deadline(seconds = 180)
  Future<Void> changePolicy(CallContext call, String name, RestartPolicy policy);

  /**
   * Puts it on a network, by name or id. FAILED_PRECONDITION when its mode has no networks, or it
   * is on that one already, with Docker's words.
   */
  @Deadline(seconds = 180)
  Future<Void> connect(CallContext call, String name, String network, EndpointSettings settings);

  /** FAILED_PRECONDITION when it is not on that network, with Docker's words. */
  @Deadline(seconds = 180)
  Future<Void> disconnect(CallContext call, String name, String network, boolean force);

  /** FAILED_PRECONDITION {@code container … is not running}. */
  @Deadline(seconds = 30)
  Future<Void> kill(CallContext call, String name, String signal);

  @Unbounded
  Future<ContainerExit> await(CallContext call, String name, WaitCondition condition);

  /** FAILED_PRECONDITION with Docker's words when it runs and {@code force} is not given. */
  @Deadline(seconds = 180)
  Future<Void> remove(CallContext call, String name, boolean force);

  /** Bytes that it has written, its image's excluded. */
  @Deadline(seconds = 600)
  Future<Long> usage(CallContext call, String name);

  @Deadline(seconds = 10)
  Future<ContainerView> get(CallContext call, String name);

  /** Newest first, all of them. */
  @Deadline(seconds = 30)
  Future<List<ContainerView>> list(CallContext call);

  /** What {@link #get} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<ContainerView> getAsOf(CallContext call, String name, Cursor moment);

  /** What {@link #list} would have answered then; GONE and OUT_OF_RANGE as the log says. */
  @Deadline(seconds = 30)
  Future<List<ContainerView>> listAsOf(CallContext call, Cursor moment);
}
