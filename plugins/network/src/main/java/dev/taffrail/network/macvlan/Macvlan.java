package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import dev.taffrail.network.LinkMtu;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Links with hardware addresses of their own. */
final class Macvlan implements LinkKind {
  private static final String MODE = "macvlan_mode";
  private static final String PASSTHRU = "passthru";
  private static final List<String> MODES = List.of("bridge", "private", "vepa", PASSTHRU);

  @Override
  public String name() {
    return "macvlan";
  }

  @Override
  public String dummyPrefix() {
    return "dm-";
  }

  @Override
  public void check(Network network) {
    mode(network);
  }

  private String mode(Network network) {
    return choice(network, MODE, "mode", MODES);
  }

  @Override
  public String note(String what) {
    return "'bridge' mode is the macvlan driver default";
  }

  @Override
  public NetworkTraits traits(Network network) {
    WayOut wayOut = wayOut(network, WayOut.GATEWAY);
    boolean gateway = wayOut == WayOut.GATEWAY && !network.internal();
    return new NetworkTraits(gateway, wayOut, false, true, true, Optional.empty());
  }

  @Override
  public void share(Network network, Network other) {
    String parent = parent(network);
    if (mode(network).equals(PASSTHRU)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "cannot use mode passthru, macvlan network "
              + other.id()
              + " is already using parent interface "
              + parent);
    }
    if (mode(other).equals(PASSTHRU)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "macvlan network "
              + other.id()
              + " is already using parent interface "
              + parent
              + " in mode passthru");
    }
  }

  @Override
  public void make(NetworkStack stack, Network network, Endpoint endpoint, Path namespace) {
    stack.createMacvlan(
        parent(network),
        mode(network),
        new NetworkStack.End(endpoint.containerLink(), Optional.of(endpoint.mac())),
        namespace,
        LinkMtu.of(network));
  }

  /** Its address has another link; in passthru mode the parent itself does. */
  @Override
  public boolean isHeld(Network network, RuntimeFailure failure) {
    return failure.kind() == Kind.ALREADY_EXISTS
        || (failure.kind() == Kind.INVALID_ARGUMENT && mode(network).equals(PASSTHRU));
  }
}
