package dev.taffrail.network.macvlan;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.core.linux.NetworkStack.End;
import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.NetworkDriverContract;
import dev.taffrail.testkit.TestHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Networks on a parent, {@code lan}: one end of a pair of links whose other end is {@code sea}. */
abstract class ParentLinkContract extends NetworkDriverContract {
  private static final int MTU = 1500;

  private final ParentLinkPlugin plugin;
  private final List<String> kinds;
  private final Map<String, String> options;

  /**
   * @param kinds of links that the kernel must have
   */
  ParentLinkContract(ParentLinkPlugin plugin, List<String> kinds, Map<String, String> options) {
    this.plugin = plugin;
    this.kinds = kinds;
    this.options = options;
  }

  @Override
  protected void startPorts(TestHost host) {
    host.start(new LinuxPlugin());
  }

  @Override
  protected void startDriver(TestHost host) {
    host.start(plugin);
  }

  @Override
  protected Map<String, String> options() {
    return options;
  }

  @Override
  protected void furnish(NetworkStack host, Path namespace) {
    for (String kind : kinds) {
      assumeTrue(host.hasKind(kind), "the kernel has no links of the kind " + kind);
    }
    host.createVeth(
        new End("lan", Optional.empty()), new End("sea", Optional.empty()), namespace, MTU);
    host.setUp("lan");
    host.setUp("sea");
  }

  @Override
  protected List<Map<String, String>> badOptions() {
    return List.of(
        Map.of("parent", "lo"),
        Map.of("parent", "absent"),
        Map.of("parent", "absent.10"),
        Map.of("parent", "lan.0"),
        Map.of("parent", "lan.4095"),
        Map.of("parent", "lan.ten"),
        Map.of("parent", "lan.1.2"),
        Map.of("macvlan_mode", "odd", "ipvlan_mode", "odd"),
        Map.of("macvlan_mode", "odd", "ipvlan_flag", "odd"),
        Map.of("com.docker.network.driver.mtu", "67"));
  }
}
