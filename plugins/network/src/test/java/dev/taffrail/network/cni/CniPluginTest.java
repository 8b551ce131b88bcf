package dev.taffrail.network.cni;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.linux.NetworkStack;
import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.NetworkDriverContract;
import dev.taffrail.testkit.TestHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** With Debian's plugins: a bridge, addresses of host-local, ports by portmap. */
class CniPluginTest extends NetworkDriverContract {
  @TempDir private Path directory;

  @Override
  protected void startPorts(TestHost host) {
    host.start(new LinuxPlugin());
  }

  @Override
  protected void startDriver(TestHost host) {
    host.start(new CniPlugin());
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("conflist", directory.resolve("sea.conflist").toString());
  }

  @Override
  protected List<Map<String, String>> badOptions() {
    return List.of(
        Map.of("conflist", directory.resolve("none.conflist").toString()),
        Map.of("conflist", "../sea.conflist"),
        Map.of("gc", "perhaps"),
        Map.of("com.docker.network.driver.mtu", "1400"));
  }

  /** CNI has no call that takes the bridge away again, so it is the host's. */
  @Override
  protected void furnish(NetworkStack host, Path namespace) {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/lib/cni/host-local")),
        "Debian's containernetworking-plugins is not installed");
    host.createBridge("cni0", Optional.empty(), 1400);
    try {
      Files.writeString(
          directory.resolve("sea.conflist"),
          """
          {"cniVersion": "1.0.0", "name": "sea", "plugins": [
            {"type": "bridge", "bridge": "cni0", "mtu": 1400, "isDefaultGateway": true,
             "ipam": {"type": "host-local", "dataDir": "%s", "ranges":
               [[{"subnet": "10.61.0.0/24"}], [{"subnet": "fd00:61::/64"}]]}},
            {"type": "portmap", "capabilities": {"portMappings": true}}]}
          """
              .formatted(directory.resolve("leases")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
