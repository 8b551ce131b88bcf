package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import dev.taffrail.core.network.NetworkTraits;
import dev.taffrail.core.network.NetworkTraits.WayOut;
import java.nio.file.Path;
import java.util.List;

/** What tells the two kinds of links on a parent apart; messages are Docker Engine's. */
interface LinkKind {
  /** As the kernel and Docker call it: {@code macvlan}. */
  String name();

  /** How the parent of a network that names none begins. */
  String dummyPrefix();

  /** INVALID_ARGUMENT for values of options that are none. */
  void check(Network network);

  NetworkTraits traits(Network network);

  /** PERMISSION_DENIED when {@code network} cannot have the parent that {@code other} has. */
  void share(Network network, Network other);

  /** Makes an endpoint's link in a namespace, down. */
  void make(NetworkStack stack, Network network, Endpoint endpoint, Path namespace);

  /**
   * Whether the kernel may have refused a link, or its address, only because one of an earlier run
   * is still there: links go some time after their namespace.
   */
  boolean isHeld(Network network, RuntimeFailure failure);

  /** The parent's name; that of a link which goes nowhere when the network names none. */
  default String parent(Network network) {
    String parent = ParentLinks.option(network);
    return parent.isEmpty() ? dummy(network) : parent;
  }

  /** What the parent of a network that names none is called. */
  default String dummy(Network network) {
    return dummyPrefix() + network.id().substring(0, ParentLinks.DUMMY_ID);
  }

  /** A value out of {@code values}, the first one where the network has none. */
  default String choice(Network network, String option, String what, List<String> values) {
    String value = network.option(option).filter(text -> !text.isEmpty()).orElse(values.get(0));
    if (!values.contains(value)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "requested " + name() + " " + what + " '" + value + "' is not valid, " + note(what));
    }
    return value;
  }

  /** What the default of an option is, in Docker's words. */
  String note(String what);

  /** Without a parent there is nobody but the network's containers. */
  default WayOut wayOut(Network network, WayOut otherwise) {
    return ParentLinks.option(network).isEmpty() ? WayOut.NONE : otherwise;
  }
}
