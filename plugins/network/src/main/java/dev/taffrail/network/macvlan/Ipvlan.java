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

/** Links with the hardware address of their parent, which tells them apart by their addresses. */
final class Ipvlan implements LinkKind {
  private static final String MODE = "ipvlan_mode";
  private static final String FLAG = "ipvlan_flag";
  private static final String SWITCHED = "l2";
  private static final List<String> MODES = List.of(SWITCHED, "l3", "l3s");
  private static final List<String> FLAGS = List.of("bridge", "private", "vepa");

  @Override
  public String name() {
    return "ipvlan";
  }

  @Override
  public String dummyPrefix() {
    return "di-";
  }

  @Override
  public void check(Network network) {
    mode(network);
    flag(network);
  }

  private String mode(Network network) {
    return choice(network, MODE, "mode", MODES);
  }

  private String flag(Network network) {
    return choice(network, FLAG, "flag", FLAGS);
  }

  @Override
  public String note(String what) {
    return what.equals("mode")
        ? "'l2' mode is the ipvlan driver default"
        : "'bridge' is the ipvlan driver default";
  }

  /** The parent routes what comes from links of layer 3: whom they send it to does not matter. */
  @Override
  public NetworkTraits traits(Network network) {
    boolean switched = mode(network).equals(SWITCHED);
    WayOut wayOut = wayOut(network, switched ? WayOut.GATEWAY : WayOut.LINK);
    boolean gateway = wayOut == WayOut.GATEWAY && !network.internal();
    return new NetworkTraits(gateway, wayOut, false, false, true, Optional.empty());
  }

  @Override
  public void share(Network network, Network other) {
    throw new RuntimeFailure(
        Kind.PERMISSION_DENIED,
        "network " + dummy(other) + " is already using parent interface " + parent(network));
  }

  @Override
  public void make(NetworkStack stack, Network network, Endpoint endpoint, Path namespace) {
    stack.createIpvlan(
        parent(network),
        mode(network),
        flag(network),
        endpoint.containerLink(),
        namespace,
        LinkMtu.of(network));
  }

  @Override
  public boolean isHeld(Network network, RuntimeFailure failure) {
    return failure.kind() == Kind.ALREADY_EXISTS;
  }
}
