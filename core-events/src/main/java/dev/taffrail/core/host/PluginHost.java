package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginListing;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.core.plugin.PluginStatus.State;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts plugins in the order of their requirements and stops them in reverse. A plugin that fails
 * is listed as FAILED with its reason, and those that need it fail in turn; the daemon goes on
 * without them unless one of them is required. Its methods block and belong on the main thread.
 */
final class PluginHost implements PluginListing {
  private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

  private final Vertx vertx;
  private final EventLog log;
  private final DaemonSettings settings;
  private final PluginPolicy policy;
  private final Ports ports = new Ports();
  private final Facts facts;

  /** In start order, then those that cannot be started. */
  private final List<PluginSlot> slots = new CopyOnWriteArrayList<>();

  PluginHost(Vertx vertx, EventLog log, DaemonSettings settings, PluginPolicy policy) {
    this.vertx = vertx;
    this.log = log;
    this.settings = settings;
    this.policy = policy;
    this.facts = new Facts(vertx, log);
    vertx.eventBus().registerCodec(new ByReference());
    ports.offer(this, "the daemon", PluginListing.class, this);
  }

  /**
   * Starts what was found. FAILED_PRECONDITION when a required plugin is not running afterwards;
   * the others are left for {@link #stop}.
   *
   * @param giveUp asked before each plugin; true leaves the rest as they are
   */
  void start(PluginDiscovery.Found found, BooleanSupplier giveUp) {
    PluginGraph.Order order = load(found);
    for (PluginDescription plugin : order.plugins()) {
      if (giveUp.getAsBoolean()) {
        return;
      }
      PluginSlot slot = slot(plugin.id()).orElseThrow();
      String cycle = order.cycles().get(plugin.id());
      if (cycle != null) {
        fail(slot, cycle, null);
      } else {
        start(slot);
      }
      if (slot.state() != State.RUNNING && policy.required().contains(slot.id())) {
        throw missing(slot.id());
      }
    }
    for (PluginId required : policy.required()) {
      if (slot(required).filter(slot -> slot.state() == State.RUNNING).isEmpty()) {
        throw missing(required);
      }
    }
  }

  private PluginGraph.Order load(PluginDiscovery.Found found) {
    List<PluginDescription> enabled = new ArrayList<>();
    List<PluginSlot> others = new ArrayList<>();
    for (PluginDescription plugin : found.plugins()) {
      if (policy.disabled().contains(plugin.id())) {
        PluginSlot slot = PluginSlot.of(plugin);
        slot.disabled();
        others.add(slot);
      } else {
        enabled.add(plugin);
      }
    }
    for (PluginDiscovery.Unusable plugin : found.unusable()) {
      LOG.error("Plugin {} failed: {}", plugin.id(), plugin.reason());
      others.add(PluginSlot.unusable(plugin));
    }
    warnOfStrangers(found);
    PluginGraph.Order order = PluginGraph.order(enabled);
    order.plugins().forEach(plugin -> slots.add(PluginSlot.of(plugin)));
    others.sort(Comparator.comparing(slot -> slot.id().value()));
    slots.addAll(others);
    return order;
  }

  /** A name in the configuration that fits no plugin is most often a typing error. */
  private void warnOfStrangers(PluginDiscovery.Found found) {
    Set<String> named = new TreeSet<>();
    policy.disabled().forEach(id -> named.add(id.value()));
    policy.defaults().values().forEach(id -> named.add(id.value()));
    settings.configuration().path("plugins").fieldNames().forEachRemaining(named::add);
    found.plugins().forEach(plugin -> named.remove(plugin.id().value()));
    for (String stranger : named) {
      LOG.warn("The configuration names the plugin {}, which is not installed", stranger);
    }
  }

  private RuntimeFailure missing(PluginId required) {
    String reason =
        slot(required)
            .map(slot -> slot.error().orElse("it is " + word(slot.state())))
            .orElseGet(
                () ->
                    "it is not installed"
                        + slots.stream()
                            .filter(slot -> slot.id().value().startsWith("unidentified."))
                            .map(slot -> "; " + slot.error().orElse(""))
                            .collect(Collectors.joining()));
    return new RuntimeFailure(
        Kind.FAILED_PRECONDITION, "The required plugin " + required + " is not running: " + reason);
  }

  /** Starts one plugin that is not running; it never throws, the slot says what came of it. */
  void start(PluginSlot slot) {
    Optional<String> obstacle = obstacle(slot);
    if (obstacle.isPresent()) {
      fail(slot, obstacle.get(), null);
      return;
    }
    slot.starting();
    HostedContext context = new HostedContext(this, slot);
    Future<String> deployment = deploy(slot, context);
    try {
      String deploymentId =
          deployment.await(policy.startTimeout().toMillis(), TimeUnit.MILLISECONDS);
      if (context.isComplete()) {
        slot.running(new PluginSlot.Deployed(deploymentId, context));
      } else {
        String reason = "it started without providing " + slot.description().type();
        giveUp(slot, context, deployment, reason, null);
      }
    } catch (TimeoutException e) {
      giveUp(
          slot,
          context,
          deployment,
          "its start did not complete within " + seconds(policy.startTimeout()),
          null);
    } catch (Throwable e) {
      // Whatever foreign code throws, errors of linkage included, is the plugin's own failure.
      giveUp(slot, context, deployment, Failures.describe(e), Failures.unwrap(e));
    }
  }

  private Future<String> deploy(PluginSlot slot, HostedContext context) {
    return vertx
        .executeBlocking(
            () -> {
              Directories.create(context.dataDirectory(), Directories.PASSABLE);
              Directories.create(context.runDirectory(), Directories.PRIVATE);
              Deployable verticle = slot.description().plugin().create(context);
              if (verticle == null) {
                throw new IllegalStateException("create returned nothing");
              }
              return verticle;
            },
            false)
        .compose(vertx::deployVerticle);
  }

  private void giveUp(
      PluginSlot slot,
      HostedContext context,
      Future<String> deployment,
      String reason,
      Throwable cause) {
    context.retire();
    context.abandonCalls();
    // A start that completes after all is undone.
    deployment.onSuccess(vertx::undeploy);
    fail(slot, reason, cause);
  }

  private void fail(PluginSlot slot, String reason, Throwable cause) {
    slot.failed(reason);
    boolean telling = cause != null && !(cause instanceof RuntimeFailure);
    LOG.error("Plugin {} failed: {}", slot.id(), reason, telling ? cause : null);
  }

  /** Why the plugin cannot be started, as things are. */
  private Optional<String> obstacle(PluginSlot slot) {
    for (PluginType<?> type : slot.description().requires()) {
      List<PluginSlot> providers = slots.stream().filter(other -> other.provides(type)).toList();
      if (providers.stream().noneMatch(provider -> provider.state() == State.RUNNING)) {
        return Optional.of("it requires the type " + type + ", " + whyNone(providers));
      }
    }
    return Optional.empty();
  }

  private static String whyNone(List<PluginSlot> providers) {
    return providers.isEmpty()
        ? "which no installed plugin provides"
        : providers.stream()
            .map(
                provider ->
                    "but "
                        + provider.id()
                        + " is "
                        + word(provider.state())
                        + provider
                            .error()
                            .filter(error -> provider.state() != State.DISABLED)
                            .map(error -> " (" + error + ")")
                            .orElse(""))
            .collect(Collectors.joining(", "));
  }

  /** Stops everything that runs, in reverse start order. */
  void stop() {
    List<PluginSlot> reversed = new ArrayList<>(slots);
    Collections.reverse(reversed);
    reversed.forEach(this::stop);
    facts.close();
  }

  /** Stops one plugin if it runs; calls in flight that it leaves unanswered fail. Never throws. */
  void stop(PluginSlot slot) {
    slot.deployed().ifPresent(deployed -> stop(slot, deployed));
  }

  private void stop(PluginSlot slot, PluginSlot.Deployed deployed) {
    Future<Void> undeployed =
        deployed.context().retire().compose(refused -> vertx.undeploy(deployed.deploymentId()));
    String reason = null;
    try {
      undeployed.await(policy.stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
      LOG.info("Plugin {} stopped", slot.id());
    } catch (TimeoutException e) {
      reason = "its stop did not complete within " + seconds(policy.stopTimeout());
      LOG.warn("Plugin {} stopped, but {}", slot.id(), reason);
    } catch (Throwable e) {
      // As at its start, whatever the plugin throws must not keep the others from stopping.
      reason = "its stop failed: " + Failures.describe(e);
      LOG.warn("Plugin {} stopped, but {}", slot.id(), reason, Failures.unwrap(e));
    }
    slot.stopped(reason);
    deployed.context().abandonCalls();
  }

  /** The provider that {@code caller} gets of a type; NOT_FOUND when there is none. */
  PluginId providerOf(PluginType<?> type, PluginId caller) {
    PluginId configured = policy.defaults().get(type.name());
    if (configured != null) {
      checkProvider(type, configured, caller);
      return configured;
    }
    List<PluginSlot> providers = slots.stream().filter(slot -> slot.provides(type)).toList();
    return providers.stream()
        .filter(slot -> slot.state() == State.RUNNING)
        .findFirst()
        .or(() -> providers.stream().filter(PluginHost::mayRun).findFirst())
        .map(PluginSlot::id)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Kind.NOT_FOUND,
                    "Plugin " + caller + " asks for the type " + type + ", " + whyNone(providers)));
  }

  /** NOT_FOUND unless {@code provider} is loaded and of that type. */
  void checkProvider(PluginType<?> type, PluginId provider, PluginId caller) {
    List<PluginSlot> found =
        slots.stream().filter(slot -> slot.id().equals(provider) && slot.provides(type)).toList();
    if (found.stream().noneMatch(PluginHost::mayRun)) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND,
          "Plugin "
              + caller
              + " asks for "
              + provider
              + " of the type "
              + type
              + ", "
              + whyNone(found));
    }
  }

  private static boolean mayRun(PluginSlot slot) {
    return slot.state() != State.FAILED && slot.state() != State.DISABLED;
  }

  List<PluginId> running(PluginType<?> type) {
    return slots.stream()
        .filter(slot -> slot.provides(type) && slot.state() == State.RUNNING)
        .map(PluginSlot::id)
        .toList();
  }

  /** The plugin of that id; the first one where two claim it. */
  Optional<PluginSlot> slot(PluginId id) {
    return slots.stream().filter(slot -> slot.id().equals(id)).findFirst();
  }

  @Override
  public List<PluginStatus> plugins() {
    Map<Boolean, List<PluginStatus>> byStarted =
        slots.stream()
            .map(PluginSlot::status)
            .collect(
                Collectors.partitioningBy(
                    status -> status.state() != State.FAILED && status.state() != State.DISABLED));
    List<PluginStatus> all = new ArrayList<>(byStarted.get(true));
    all.addAll(byStarted.get(false));
    return List.copyOf(all);
  }

  Vertx vertx() {
    return vertx;
  }

  EventLog log() {
    return log;
  }

  DaemonSettings settings() {
    return settings;
  }

  Ports ports() {
    return ports;
  }

  Facts facts() {
    return facts;
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
