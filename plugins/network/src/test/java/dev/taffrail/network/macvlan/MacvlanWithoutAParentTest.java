package dev.taffrail.network.macvlan;

import java.util.List;
import java.util.Map;

/** The parent is made by the driver, and leads nowhere. */
class MacvlanWithoutAParentTest extends ParentLinkContract {
  MacvlanWithoutAParentTest() {
    super(new MacvlanPlugin(), List.of("macvlan", "dummy"), Map.of());
  }
}
