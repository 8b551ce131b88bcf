package dev.taffrail.linux;

import dev.taffrail.core.linux.ControlGroups;
import dev.taffrail.core.linux.FileWatcher;
import dev.taffrail.core.linux.LinuxPorts;
import dev.taffrail.core.linux.Mounts;
import dev.taffrail.core.linux.NetworkNamespaces;
import dev.taffrail.core.linux.NetworkStacks;
import dev.taffrail.core.linux.PacketFilter;
import dev.taffrail.core.linux.PacketSockets;
import dev.taffrail.core.linux.Processes;
import dev.taffrail.core.linux.SealedPrograms;
import dev.taffrail.core.linux.SeccompFilters;
import dev.taffrail.core.linux.Trees;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;

/** Provides the ports of {@link dev.taffrail.core.linux} by system calls. */
public final class LinuxPlugin implements Plugin {
  @Override
  public PluginId id() {
    return new PluginId("linux.native");
  }

  @Override
  public PluginType<?> type() {
    return LinuxPorts.LINUX;
  }

  @Override
  public Deployable create(PluginContext host) {
    return new LinuxVerticle(host);
  }

  private static final class LinuxVerticle implements Deployable {
    private final PluginContext host;
    private NativeProcesses processes;
    private InotifyWatcher files;
    private NetlinkStacks stacks;
    private NativePacketFilter filter;

    LinuxVerticle(PluginContext host) {
      this.host = host;
    }

    /** Not on the event loop: the first use of jnr-ffi loads libraries and generates classes. */
    @Override
    public Future<?> deploy(Context context) {
      return context.executeBlocking(
          () -> {
            processes = new NativeProcesses();
            try {
              files = new InotifyWatcher();
            } catch (RuntimeException failure) {
              // A deployment that fails is not undeployed.
              processes.close();
              throw failure;
            }
            NativeNetworkNamespaces namespaces = new NativeNetworkNamespaces();
            stacks = new NetlinkStacks(namespaces);
            filter = new NativePacketFilter(namespaces);
            host.providePort(PacketFilter.class, filter);
            host.providePort(NetworkNamespaces.class, namespaces);
            host.providePort(NetworkStacks.class, stacks);
            host.providePort(Mounts.class, new NativeMounts());
            host.providePort(Trees.class, new NativeTrees());
            host.providePort(Processes.class, processes);
            host.providePort(PacketSockets.class, new NativePacketSockets());
            host.providePort(FileWatcher.class, files);
            host.providePort(ControlGroups.class, new KernelControlGroups());
            host.providePort(SealedPrograms.class, new NativeSealedPrograms());
            host.providePort(SeccompFilters.class, new NativeSeccompFilters());
            return null;
          });
    }

    @Override
    public Future<?> undeploy(Context context) {
      return context.executeBlocking(
          () -> {
            if (processes != null) {
              processes.close();
            }
            if (files != null) {
              files.close();
            }
            if (stacks != null) {
              stacks.close();
            }
            if (filter != null) {
              filter.close();
            }
            return null;
          });
    }
  }
}
