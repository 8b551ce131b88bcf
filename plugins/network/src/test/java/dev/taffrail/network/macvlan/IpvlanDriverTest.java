package dev.taffrail.network.macvlan;

import java.util.List;
import java.util.Map;

class IpvlanDriverTest extends ParentLinkContract {
  IpvlanDriverTest() {
    super(new IpvlanPlugin(), List.of("ipvlan"), Map.of("parent", "lan"));
  }
}
