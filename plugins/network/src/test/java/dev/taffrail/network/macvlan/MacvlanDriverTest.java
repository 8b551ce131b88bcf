package dev.taffrail.network.macvlan;

import java.util.List;
import java.util.Map;

class MacvlanDriverTest extends ParentLinkContract {
  MacvlanDriverTest() {
    super(new MacvlanPlugin(), List.of("macvlan"), Map.of("parent", "lan"));
  }
}
