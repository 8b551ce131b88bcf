package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.CreatedContainer;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.Snapshotter;
import dev.taffrail.core.task.TaskSpec;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a container. Its event and its snapshot are asked for in the same tick, so that both
 * share a commit; when one of them fails, the other is undone.
 */
final class Creation {
  /** The label that tells whose a snapshot is. */
  static final String OWNER_LABEL = "dev.taffrail.container";

  private static final Logger LOG = LoggerFactory.getLogger(Creation.class);
  private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");
  private final Services services;
  private final ContainerNames names;

  Creation(Services services, ContainerNames names) {
    this.services = services;
    this.names = names;
  }

  /** As {@code docker create}. */
  Future<CreatedContainer> create(CallContext call, CreateRequest request) {
    CallContext saga = call.detached();
    return services
        .images
        .get(call, request.image())
        .compose(
            view -> {
              checkPlatform(request, view.image());
              String id = names.id();
              List<String> candidates = names.candidates(request.name(), id);
              return services
                  .blocking(() -> merge(request, view.image(), id))
                  .compose(
                      merged ->
                          create(saga, id, candidates, merged.specification(), view.image())
                              .map(created -> new CreatedContainer(id, merged.warnings())));
            });
  }

  private static void checkPlatform(CreateRequest request, Image image) {
    String actual = image.operatingSystem() + "/" + image.architecture();
    String wanted = request.platform().filter(text -> !text.isEmpty()).orElse(actual);
    boolean sameSystem =
        wanted.equals(actual)
            || wanted.equals(image.operatingSystem())
            || wanted.equals(actual + image.variant().map(variant -> "/" + variant).orElse(""));
    if (!sameSystem) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND,
          "image with reference "
              + request.image()
              + " was found but its platform ("
              + actual
              + ") does not match the specified platform ("
              + wanted
              + ")");
    }
  }

  private SpecificationMerge.Merged merge(CreateRequest request, Image image, String id)
      throws IOException {
    for (TaskSpec.BindMount mount : request.mounts()) {
      if (mount.type().equals("bind") && !Files.exists(Path.of(mount.source()))) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "invalid mount config for type \"bind\": bind source path does not exist: "
                + mount.source());
      }
    }
    String hostname = hostname();
    return new SpecificationMerge(request, image)
        .merge(
            id,
            services.clock.instant(),
            hostname,
            services.host().port(ControlGroups.class).abilities());
  }

  // Files.readString trusts the size of a file, and says of those in proc(5) only what it read
  // first.
  private static String hostname() throws IOException {
    try (InputStream in = Files.newInputStream(HOSTNAME)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private Future<Void> create(
      CallContext saga,
      String id,
      List<String> candidates,
      ContainerSpecification specification,
      Image image) {
    Snapshotter snapshotter = services.snapshotter(specification.snapshotter());
    services.roster.expect(id);
    Future<List<Mount>> prepared =
        snapshotter.prepare(
            saga, specification.snapshot(), Optional.of(image.chainId()), Map.of(OWNER_LABEL, id));
    Future<Committed<String>> created =
        services.journal.request(
            saga, view -> ContainerDecider.create(view, id, candidates, specification));
    // Clients attach before the first start, so the place of the log is there from the beginning.
    Future<?> directory =
        services.blocking(
            () -> {
              services.directories.create(id);
              return null;
            });
    return Future.join(created, prepared, directory)
        .transform(
            all -> {
              if (all.succeeded()) {
                services.roster.add(id, created.result().reply());
                return Future.<Void>succeededFuture();
              }
              return undo(saga, id, specification, created)
                  .transform(undone -> Future.failedFuture(all.cause()));
            })
        .onComplete(result -> services.roster.settle(id));
  }

  // A prepare that failed may have happened all the same, so its key is removed in any case.
  private Future<Void> undo(
      CallContext saga,
      String id,
      ContainerSpecification specification,
      Future<Committed<String>> created) {
    Future<Void> snapshot =
        services
            .snapshotter(specification.snapshotter())
            .remove(saga, specification.snapshot())
            .recover(Removal::unlessGone);
    Future<?> directory =
        services.blocking(
            () -> {
              services.directories.remove(id);
              return null;
            });
    Future<?> container =
        created.succeeded()
            ? services.journal.request(
                saga.causedBy(created.result().firstSequence()),
                view -> ContainerDecider.undoCreate(view, id))
            : Future.succeededFuture();
    return Future.join(snapshot, container, directory)
        .<Void>mapEmpty()
        .onFailure(cause -> LOG.warn("Cannot undo the creation of container {}", id, cause));
  }
}
