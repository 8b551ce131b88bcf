package dev.taffrail.snapshotter.overlay;

import dev.taffrail.linux.LinuxPlugin;
import dev.taffrail.testkit.SnapshotterContract;
import dev.taffrail.testkit.TestHost;

class OverlaySnapshotterTest extends SnapshotterContract {
  @Override
  protected void start(TestHost host) {
    host.start(new LinuxPlugin()).start(new OverlayPlugin());
  }
}
