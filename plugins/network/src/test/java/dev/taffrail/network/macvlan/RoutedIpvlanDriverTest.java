package dev.taffrail.network.macvlan;

import java.util.List;
import java.util.Map;

class RoutedIpvlanDriverTest extends ParentLinkContract {
  RoutedIpvlanDriverTest() {
    super(new IpvlanPlugin(), List.of("ipvlan"), Map.of("parent", "lan", "ipvlan_mode", "l3"));
  }
}
