package dev.taffrail.shim;

import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.TasksContract;
import dev.taffrail.testkit.TestHost;

class ConmonTasksTest extends TasksContract {
  @Override
  protected void startPorts(TestHost host) {
    host.start(new LinuxPlugin());
  }

  @Override
  protected void start(TestHost host) {
    startPorts(host);
    host.start(new ShimPlugin());
  }
}
