package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.network.Network;
import dev.taffrail.network.ShortHash;
import java.util.Set;

/**
 * The links of this host that networks are on. Most are the administrator's; those that this class
 * has made are in a group of links of the driver's own, by which they are known again. All calls
 * block.
 */
final class ParentLinks {
  /** How much of a network's id is in the name of its dummy link. */
  static final int DUMMY_ID = 12;

  private static final String OPTION = "parent";
  private static final int GROUP_DIGITS = 8;

  private final LinkKind kind;
  private final NetworkStack stack;
  private final int group;

  ParentLinks(LinkKind kind, NetworkStack stack, String logId) {
    this.kind = kind;
    this.stack = stack;
    // 0 is the group of all links; ip(8) has no negative ones.
    String hash = ShortHash.of(logId + "/" + kind.name(), GROUP_DIGITS);
    this.group = Math.max(1, Integer.parseUnsignedInt(hash, 16) & Integer.MAX_VALUE);
  }

  /** What the network says its parent is; empty when it is to have none. */
  static String option(Network network) {
    return network.option(OPTION).orElse("");
  }

  /**
   * INVALID_ARGUMENT in Docker's words when the parent is not there and cannot be made,
   * UNIMPLEMENTED when the kernel lacks the kind of link that it would be.
   */
  void check(Network network) {
    String parent = kind.parent(network);
    if (parent.equals("lo")) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "loopback interface is not a valid " + kind.name() + " parent link");
    }
    requireKind(kind.name(), "networks of the driver " + kind.name());
    if (stack.link(parent).isPresent()) {
      return;
    }
    if (option(network).isEmpty()) {
      requireKind("dummy", "a network of the driver " + kind.name() + " without a parent");
      return;
    }
    VlanName name = VlanName.parse(parent);
    if (stack.link(name.parent()).isEmpty()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "-o parent interface was not found on the host: " + name.parent());
    }
    requireKind("vlan", "the parent " + parent + ", which is not there");
  }

  private void requireKind(String wanted, String purpose) {
    if (!stack.hasKind(wanted)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "the kernel has no links of the kind " + wanted + ": they are needed for " + purpose);
    }
  }

  /** Makes the parent of a network where it is not there. */
  synchronized void make(Network network) {
    String parent = kind.parent(network);
    if (stack.link(parent).isEmpty()) {
      if (option(network).isEmpty()) {
        stack.createDummy(parent, group);
      } else {
        VlanName name = VlanName.parse(parent);
        stack.createVlan(name.parent(), name.id(), parent, group);
      }
    } else if (!isOurs(parent)) {
      return;
    }
    stack.setUp(parent);
  }

  /** Takes the parent of a network away if it was made here. */
  synchronized void remove(Network network) {
    String parent = kind.parent(network);
    if (isOurs(parent)) {
      stack.delete(parent);
    }
  }

  /** Takes away what was made here but for {@code parents}. */
  synchronized void keep(Set<String> parents) {
    for (NetworkStack.Link link : stack.links()) {
      if (link.group() == group && !parents.contains(link.name())) {
        stack.delete(link.name());
      }
    }
  }

  private boolean isOurs(String link) {
    return stack.link(link).filter(found -> found.group() == group).isPresent();
  }
}
