package dev.taffrail.core.host;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.content.ContentEvent;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.image.ImageEvent;
import dev.taffrail.core.log.LogEvent;
import dev.taffrail.core.network.NetworkEvent;
import dev.taffrail.core.snapshot.SnapshotEvent;

/** All event families of this build. */
public final class Families {
  private Families() {}

  /** What the daemon's log, its replay and its verification know. */
  public static EventCatalogue catalogue() {
    return EventCatalogue.of(
        LogEvent.FAMILY,
        DaemonEvent.FAMILY,
        ContentEvent.FAMILY,
        SnapshotEvent.FAMILY,
        ImageEvent.FAMILY,
        ContainerEvent.FAMILY,
        NetworkEvent.FAMILY);
  }
}
