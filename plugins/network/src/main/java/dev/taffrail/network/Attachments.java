package dev.taffrail.network;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkDriver.AttachOptions;
import dev.taffrail.core.network.PortBinding;
import dev.taffrail.core.network.PublishedPorts;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.network.NetworkDecider.Attachment;
import dev.taffrail.network.NetworkDecider.Link;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts containers on networks and takes them off: what is theirs is reserved and recorded first,
 * then made in the kernel; it is taken away there before it is free for others.
 */
final class Attachments {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);
  private static final int PORT_TRIES = 64;

  private final Journal journal;
  private final Drivers drivers;
  private final Sandboxes sandboxes;
  private final Ids ids;
  private final HostFacts facts;

  Attachments(PluginContext host, Journal journal, Drivers drivers, Sandboxes sandboxes) {
    this.journal = journal;
    this.drivers = drivers;
    this.sandboxes = sandboxes;
    this.ids = new Ids(host.log().info().logId());
    this.facts = new HostFacts();
  }

  /** As {@link dev.taffrail.core.network.Networks#attach}. */
  Future<Sandbox> attach(CallContext call, AttachRequest request) {
    if (request.endpoints().isEmpty()) {
      return journal.blocking(() -> sandboxes.open(request, List.of(), LegacyLinks.NONE));
    }
    return facts
        .ports(journal, request)
        .compose(
            ports ->
                journal
                    .request(
                        call,
                        view ->
                            NetworkDecider.attach(
                                view,
                                request,
                                drivers.traits(),
                                ids::next,
                                ids.linkPrefix(),
                                ports))
                    .compose(
                        committed ->
                            make(
                                call.causedBy(committed.cursor().sequence()),
                                request,
                                committed.reply(),
                                ports)))
        .recover(cause -> failure("failed to set up container networking: ", cause));
  }

  private static <T> Future<T> failure(String prefix, Throwable cause) {
    return Future.failedFuture(
        new RuntimeFailure(RuntimeFailure.kindOf(cause), prefix + cause.getMessage(), cause));
  }

  private Future<Sandbox> make(
      CallContext call, AttachRequest request, Attachment attachment, HostPorts.Host ports) {
    String container = request.container();
    attachment.dropped().forEach(sandboxes.directory()::remove);
    Future<Void> cleared = each(attachment.dropped(), link -> off(call, link, Optional.empty()));
    return cleared
        .compose(nothing -> journal.blocking(() -> sandboxes.makeNamespace(container)))
        .compose(
            namespace -> {
              List<Link> links = new ArrayList<>();
              return each(
                      attachment.links(),
                      link ->
                          connect(call, link, namespace, options(request, link, attachment.ports()))
                              .onSuccess(links::add)
                              .mapEmpty())
                  .map(links);
            })
        .compose(
            links ->
                publish(call, request, links, attachment.ports(), ports)
                    .compose(published -> open(request, links)));
  }

  private static AttachOptions options(
      AttachRequest request, Link link, Optional<PublishedPorts> ports) {
    return new AttachOptions(
        ports
            .filter(published -> published.network().equals(link.network().id()))
            .map(PublishedPorts::bindings)
            .orElse(List.of()),
        request.networking());
  }

  /** Makes a link, and records the addresses that it got if its driver gives them. */
  private Future<Link> connect(CallContext call, Link link, Path namespace, AttachOptions options) {
    return drivers
        .get(link.network().driver())
        .attach(call, link.network(), link.endpoint(), namespace, options)
        .compose(
            lease ->
                lease.isEmpty()
                    ? Future.succeededFuture(link)
                    : journal
                        .outcome(
                            call,
                            view -> NetworkDecider.addressed(view, link.endpoint(), lease.get()))
                        .map(recorded -> link.with(lease)));
  }

  private Future<Sandbox> open(AttachRequest request, List<Link> links) {
    links.forEach(sandboxes.directory()::remove);
    links.forEach(sandboxes.directory()::add);
    return journal
        .read(view -> LegacyLinks.of(view, request))
        .compose(linked -> journal.blocking(() -> sandboxes.open(request, links, linked)));
  }

  private static <T> Future<Void> each(List<T> all, Function<T, Future<Void>> action) {
    Future<Void> done = Future.succeededFuture();
    for (T one : all) {
      done = done.compose(before -> action.apply(one));
    }
    return done;
  }

  private Future<Void> publish(
      CallContext call,
      AttachRequest request,
      List<Link> links,
      Optional<PublishedPorts> wanted,
      HostPorts.Host ports) {
    return wanted
        .map(
            published ->
                publish(
                    call,
                    request,
                    linkOf(links, published.network()),
                    published.bindings(),
                    ports,
                    PORT_TRIES))
        .orElse(Future.succeededFuture());
  }

  private static Link linkOf(List<Link> links, String network) {
    return links.stream()
        .filter(link -> link.network().id().equals(network))
        .findFirst()
        .orElseThrow();
  }

  // Somebody who is none of ours may listen at a port that nobody asked for by number: then the
  // next one is given.
  private Future<Void> publish(
      CallContext call,
      AttachRequest request,
      Link link,
      List<PortBinding> bindings,
      HostPorts.Host ports,
      int tries) {
    return drivers
        .get(link.network().driver())
        .publish(call, link.network(), link.endpoint(), bindings)
        .recover(
            cause -> {
              Optional<HostPorts.Busy> busy = facts.busy(request, bindings, cause);
              if (busy.isPresent() && tries > 0) {
                HostPorts.Host known = ports.with(busy.get());
                return journal
                    .request(call, view -> NetworkDecider.republish(view, request, known))
                    .compose(
                        again -> publish(call, request, link, again.reply(), known, tries - 1));
              }
              return failure(
                  "driver failed programming external connectivity on endpoint "
                      + request.name()
                      + " ("
                      + link.endpoint().id()
                      + "): ",
                  cause);
            });
  }

  /** As {@link dev.taffrail.core.network.Networks#detach}. */
  Future<Void> detach(CallContext call, String container) {
    return journal
        .read(view -> NetworkDecider.links(view, container))
        .compose(
            attachment -> {
              attachment.links().forEach(sandboxes.directory()::remove);
              Future<Void> hidden =
                  unpublish(call, attachment)
                      .compose(
                          done ->
                              each(attachment.links(), link -> off(call, link, Optional.empty())));
              return hidden
                  .compose(done -> removeSandbox(container))
                  .compose(
                      done ->
                          attachment.links().isEmpty() && attachment.ports().isEmpty()
                              ? Future.<Void>succeededFuture()
                              : journal
                                  .relief(call, view -> NetworkDecider.detached(view, container))
                                  .<Void>mapEmpty());
            });
  }

  private Future<Void> removeSandbox(String container) {
    return journal.blocking(
        () -> {
          sandboxes.remove(container);
          return null;
        });
  }

  private Future<Void> unpublish(CallContext call, Attachment attachment) {
    return attachment
        .ports()
        .map(
            published ->
                unpublish(call, linkOf(attachment.links(), published.network()), published))
        .orElse(Future.succeededFuture());
  }

  private Future<Void> unpublish(CallContext call, Link link, PublishedPorts published) {
    return drivers
        .get(link.network().driver())
        .unpublish(call, link.network(), link.endpoint(), published.bindings());
  }

  private Future<Void> off(CallContext call, Link link, Optional<Path> namespace) {
    return drivers
        .get(link.network().driver())
        .detach(call, link.network(), link.endpoint(), namespace);
  }

  /** As {@link dev.taffrail.core.network.Networks#plug}. */
  Future<Void> plug(
      CallContext call, AttachRequest request, String network, EndpointSettings settings) {
    Path namespace = sandboxes.namespace(request.container());
    return journal
        .request(
            call,
            view ->
                NetworkDecider.plug(
                    view,
                    request,
                    drivers.traits(),
                    network,
                    settings,
                    ids.next(),
                    ids.linkPrefix()))
        .compose(
            committed -> {
              CallContext caused = call.causedBy(committed.cursor().sequence());
              Link link = committed.reply();
              // Ports are published when a container starts.
              AttachOptions options =
                  new AttachOptions(List.of(), request.networking().withoutPorts());
              return connect(caused, link, namespace, options)
                  .compose(made -> plugged(request, made))
                  .recover(
                      cause ->
                          unplug(caused, request, link.network().id())
                              .transform(undone -> Future.failedFuture(cause)));
            });
  }

  private Future<Void> plugged(AttachRequest request, Link link) {
    return journal
        .read(view -> links(view, request))
        .compose(
            all -> {
              sandboxes.directory().add(link);
              return journal.blocking(
                  () -> {
                    sandboxes.added(request, link, all);
                    return null;
                  });
            });
  }

  private static List<Link> links(StateView view, AttachRequest request) {
    return NetworkDecider.links(view, request.container()).links();
  }

  /** As {@link dev.taffrail.core.network.Networks#unplug}. */
  Future<Void> unplug(CallContext call, AttachRequest request, String network) {
    String container = request.container();
    return journal
        .read(
            view -> {
              String id = NetworkIndex.resolve(view, network).id();
              Attachment all = NetworkDecider.links(view, container);
              return new Attachment(
                  all.links().stream().filter(link -> link.network().id().equals(id)).toList(),
                  all.links().stream().filter(link -> !link.network().id().equals(id)).toList(),
                  all.ports().filter(ports -> ports.network().equals(id)));
            })
        .compose(
            found ->
                found.links().isEmpty()
                    ? Future.succeededFuture()
                    : unplug(call, request, found.links().get(0), found));
  }

  private Future<Void> unplug(
      CallContext call, AttachRequest request, Link link, Attachment found) {
    String container = request.container();
    sandboxes.directory().remove(link);
    Optional<Path> namespace =
        sandboxes.hasNamespace(container)
            ? Optional.of(sandboxes.namespace(container))
            : Optional.empty();
    return unpublish(call, found)
        .compose(hidden -> off(call, link, namespace))
        .compose(
            off ->
                journal.relief(
                    call,
                    view ->
                        NetworkDecider.unplugged(
                            view, drivers.traits(), container, link.network().id())))
        .compose(
            committed ->
                journal
                    .<Void>blocking(
                        () -> {
                          sandboxes.removed(request, link, found.dropped());
                          return null;
                        })
                    .compose(
                        updated ->
                            committed
                                .reply()
                                .map(next -> reroute(call, next, found.ports()))
                                .orElse(Future.succeededFuture())));
  }

  private Future<Void> reroute(CallContext call, Link next, Optional<PublishedPorts> ports) {
    Endpoint endpoint = next.endpoint().withGateway(true);
    Path namespace = sandboxes.namespace(endpoint.container());
    return drivers
        .get(next.network().driver())
        .route(call, next.network(), endpoint, namespace)
        .compose(
            routed ->
                ports.isEmpty() || !drivers.traits().of(next.network()).ports()
                    ? Future.succeededFuture()
                    : drivers
                        .get(next.network().driver())
                        .publish(call, next.network(), endpoint, ports.get().bindings()));
  }

  /**
   * The daemon was restarted: what a container has is there, and known again. The daemon may have
   * died when the way out had another link in the log alone.
   */
  Future<Void> resume(CallContext call, List<Link> links, Restoration.Owner owner) {
    links.forEach(sandboxes.directory()::add);
    return answerNames(links, owner)
        .compose(answered -> owner.running() ? routeAgain(call, links, owner) : answered());
  }

  private static Future<Void> answered() {
    return Future.succeededFuture();
  }

  private Future<Void> routeAgain(CallContext call, List<Link> links, Restoration.Owner owner) {
    Path namespace = sandboxes.namespace(owner.container());
    Optional<Link> gateway = links.stream().filter(link -> link.endpoint().gateway()).findFirst();
    if (gateway.isEmpty() || !sandboxes.hasNamespace(owner.container())) {
      return answered();
    }
    Link link = gateway.get();
    return drivers
        .get(link.network().driver())
        .route(call, link.network(), link.endpoint(), namespace)
        .recover(
            cause -> {
              LOG.warn("Container {} has no way out: {}", owner.container(), cause.getMessage());
              return answered();
            });
  }

  private Future<Void> answerNames(List<Link> links, Restoration.Owner owner) {
    return journal
        .<Void>blocking(
            () -> {
              sandboxes.reopen(owner.container(), owner.networking(), links);
              return null;
            })
        .recover(
            cause -> {
              LOG.warn(
                  "Container {} is not answered names: {}", owner.container(), cause.getMessage());
              return Future.succeededFuture();
            });
  }

  /** As {@link dev.taffrail.core.network.Networks#join}. */
  Future<Sandbox> join(String other, Path namespace) {
    return journal.blocking(() -> sandboxes.shared(other, namespace));
  }
}
