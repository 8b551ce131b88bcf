package dev.taffrail.network.macvlan;

import java.util.List;
import java.util.Map;

/** The parent is made by the driver. */
class MacvlanOnAVlanTest extends ParentLinkContract {
  MacvlanOnAVlanTest() {
    super(new MacvlanPlugin(), List.of("macvlan", "vlan"), Map.of("parent", "lan.10"));
  }
}
