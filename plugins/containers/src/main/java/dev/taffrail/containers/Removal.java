package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes a container: intent, task remains, then the snapshot, the directory and the last event
 * together. Whatever of the latter is left behind by a crash no longer has an owner, and the sweep
 * at the next start takes it.
 */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private final Services services;
  private final Set<String> inProgress = new HashSet<>();

  Removal(Services services) {
    this.services = services;
  }

  /** As {@code docker rm}. */
  Future<Void> remove(CallContext call, String name, boolean force) {
    String id = services.roster.resolve(name);
    if (inProgress.contains(id)) {
      return Future.failedFuture(
          new RuntimeFailure(
              Kind.FAILED_PRECONDITION,
              "removal of container " + name + " is already in progress"));
    }
    CallContext saga = call.detached();
    if (!force) {
      return services.turns.take(id, () -> begin(saga, id, false));
    }
    Waiters.Waiter ended = services.waiters.register(id, WaitCondition.NEXT_EXIT);
    return services
        .turns
        .take(id, () -> killOrBegin(saga, id))
        .compose(killed -> killed ? ended.future().compose(exit -> afterKill(saga, id)) : done())
        .onComplete(result -> ended.cancel());
  }

  // Answers whether it was killed; else the removal is done already.
  private Future<Boolean> killOrBegin(CallContext saga, String id) {
    return services
        .journal
        .relief(saga, 0, view -> ContainerDecider.killForRemoval(view, id))
        .compose(
            kill ->
                kill.reply()
                    ? services
                        .tasks
                        .kill(saga.causedBy(kill.firstSequence()), id, Signal.KILL.number())
                        .recover(Removal::unlessGone)
                        .map(true)
                    : begin(saga, id, true).map(false));
  }

  // A container that removes itself may have done so meanwhile.
  private Future<Void> afterKill(CallContext saga, String id) {
    return services.turns.take(id, () -> services.roster.has(id) ? begin(saga, id, true) : done());
  }

  private Future<Void> begin(CallContext saga, String id, boolean forced) {
    return services
        .journal
        .relief(saga, 1, view -> ContainerDecider.removing(view, id, forced))
        .compose(intent -> finish(saga.causedBy(causeOf(intent, saga)), id, intent.reply()));
  }

  // A removal that goes on emitted nothing, so the caller's cause stays.
  private static long causeOf(Committed<?> intent, CallContext saga) {
    boolean emitted = intent.firstSequence() <= intent.cursor().sequence();
    return emitted ? intent.firstSequence() : saga.cause().orElse(intent.cursor().sequence());
  }

  /** Carries out a durable {@code Removing}, the cause of {@code saga}. Idempotent. */
  Future<Void> finish(CallContext saga, String id, ContainerSpecification specification) {
    inProgress.add(id);
    return Future.join(
            services.remains.delete(saga, id), services.networks.detach(saga, id, specification))
        .compose(cleared -> release(saga, id, specification))
        .onComplete(result -> inProgress.remove(id));
  }

  // The last event does not wait for the snapshot's, so both share a commit.
  private Future<Void> release(CallContext saga, String id, ContainerSpecification specification) {
    Future<Void> snapshot =
        services
            .snapshotter(specification.snapshotter())
            .remove(saga, specification.snapshot())
            .recover(Removal::unlessGone)
            .onFailure(cause -> LOG.warn("Snapshot of container {} stays for now", id, cause));
    Future<Committed<ContainerExit>> removed =
        services.journal.outcome(saga, view -> ContainerDecider.removed(view, id));
    Future<Void> directory =
        services
            .<Void>blocking(
                () -> {
                  services.directories.remove(id);
                  return null;
                })
            .onFailure(cause -> LOG.warn("Directory of container {} stays for now", id, cause));
    return Future.join(removed, snapshot, directory)
        .transform(
            whatever ->
                removed.map(
                    gone -> {
                      services.roster.remove(id);
                      services.waiters.removed(id, gone.reply());
                      return null;
                    }));
  }

  /** Turns NOT_FOUND into success: the effect has been had. */
  static Future<Void> unlessGone(Throwable cause) {
    return RuntimeFailure.kindOf(cause) == Kind.NOT_FOUND ? done() : Future.failedFuture(cause);
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }
}
