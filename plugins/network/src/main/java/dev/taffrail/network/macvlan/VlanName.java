package dev.taffrail.network.macvlan;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;

/**
 * The name of a link of 802.1Q, {@code eth0.10}.
 *
 * @param id 1 to 4094
 */
record VlanName(String parent, int id) {
  private static final int MAX_ID = 4094;

  /** INVALID_ARGUMENT in Docker's words for a name that is not of that form. */
  static VlanName parse(String name) {
    if (!name.contains(".")) {
      throw invalid("invalid subinterface vlan name " + name + ", example formatting is eth0.10");
    }
    String[] parts = name.split("\\.", -1);
    if (parts.length != 2) {
      throw invalid(
          "required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead"
              + " received "
              + name);
    }
    int id;
    try {
      id = Integer.parseInt(parts[1]);
    } catch (NumberFormatException e) {
      throw invalid(
          "unable to parse a valid vlan id from: " + parts[1] + " (ex. eth0.10 for vlan 10)");
    }
    if (id < 1 || id > MAX_ID) {
      throw invalid("vlan id must be between 1-" + MAX_ID + ", received: " + id);
    }
    return new VlanName(parts[0], id);
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
