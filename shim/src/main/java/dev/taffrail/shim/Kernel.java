package dev.taffrail.shim;

import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.PacketSockets;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SealedPrograms;
import dev.taffrail.core.linux.SeccompFilters;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.plugin.PluginContext;

/** The kernel ports that running a task needs. */
record Kernel(
    Processes processes,
    Mounts mounts,
    Trees trees,
    FileWatcher watcher,
    PacketSockets packetSockets,
    SealedPrograms sealedPrograms,
    SeccompFilters seccompFilters) {
  static Kernel of(PluginContext host) {
    return new Kernel(
        host.port(Processes.class),
        host.port(Mounts.class),
        host.port(Trees.class),
        host.port(FileWatcher.class),
        host.port(PacketSockets.class),
        host.port(SealedPrograms.class),
        host.port(SeccompFilters.class));
  }
}
