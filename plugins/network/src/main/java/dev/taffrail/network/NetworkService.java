package dev.taffrail.network;

import dev.taffrail.core.event.StateView;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.CreatedNetwork;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkRequest;
import dev.taffrail.core.network.NetworkView;
import dev.taffrail.core.network.Networks;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Hands each call to its saga; reads come from the log's state. */
final class NetworkService implements Networks {
  private final Journal journal;
  private final NetworkCreation creation;
  private final Attachments attachments;

  NetworkService(Journal journal, NetworkCreation creation, Attachments attachments) {
    this.journal = journal;
    this.creation = creation;
    this.attachments = attachments;
  }

  @Override
  public Future<CreatedNetwork> create(CallContext call, NetworkRequest request) {
    return attempt(() -> creation.create(call, request));
  }

  @Override
  public Future<Void> remove(CallContext call, String name) {
    return attempt(() -> creation.remove(call, name));
  }

  @Override
  public Future<NetworkView> get(CallContext call, String name) {
    return journal.read(view -> find(view, name));
  }

  @Override
  public Future<List<NetworkView>> list(CallContext call) {
    return journal.read(NetworkService::list);
  }

  @Override
  public Future<NetworkView> getAsOf(CallContext call, String name, Cursor moment) {
    return journal.readAsOf(moment, view -> find(view, name));
  }

  @Override
  public Future<List<NetworkView>> listAsOf(CallContext call, Cursor moment) {
    return journal.readAsOf(moment, NetworkService::list);
  }

  private static NetworkView find(StateView view, String name) {
    return view(view, NetworkIndex.resolve(view, name));
  }

  private static NetworkView view(StateView view, Network network) {
    return new NetworkView(network, NetworkIndex.on(view, network.id()));
  }

  private static List<NetworkView> list(StateView view) {
    return NetworkIndex.all(view).stream().map(network -> view(view, network)).toList();
  }

  @Override
  public Future<Sandbox> attach(CallContext call, AttachRequest request) {
    return attempt(() -> attachments.attach(call, request));
  }

  @Override
  public Future<Sandbox> join(CallContext call, String other, Path namespace) {
    return attempt(() -> attachments.join(other, namespace));
  }

  @Override
  public Future<Void> detach(CallContext call, String container) {
    return attempt(() -> attachments.detach(call, container));
  }

  @Override
  public Future<Void> plug(
      CallContext call, AttachRequest request, String network, EndpointSettings settings) {
    return attempt(() -> attachments.plug(call, request, network, settings));
  }

  @Override
  public Future<Void> unplug(CallContext call, AttachRequest request, String network) {
    return attempt(() -> attachments.unplug(call, request, network));
  }

  private static <T> Future<T> attempt(Supplier<Future<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
