package dev.taffrail.network.bridge;

import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.NetworkDriverContract;
import dev.taffrail.testkit.TestHost;
import java.util.List;
import java.util.Map;

class BridgeDriverTest extends NetworkDriverContract {
  @Override
  protected void startPorts(TestHost host) {
    host.start(new LinuxPlugin());
  }

  @Override
  protected void startDriver(TestHost host) {
    host.start(new BridgePlugin());
  }

  @Override
  protected List<Map<String, String>> badOptions() {
    return List.of(
        Map.of("com.docker.network.bridge.name", "sixteen-bytes-xx"),
        Map.of("com.docker.network.bridge.name", ""),
        Map.of("com.docker.network.bridge.enable_icc", "perhaps"),
        Map.of("com.docker.network.bridge.enable_ip_masquerade", "perhaps"),
        Map.of("com.docker.network.driver.mtu", "67"),
        Map.of("com.docker.network.driver.mtu", "many"));
  }
}
