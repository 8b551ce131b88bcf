package dev.taffrail.linux;

import dev.taffrail.core.linux.NetworkStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Network namespaces and stacks of one test, all gone when it is closed. */
final class Namespaces implements AutoCloseable {
  final NativeNetworkNamespaces port = new NativeNetworkNamespaces();
  final NetlinkStacks stacks = new NetlinkStacks(port);
  private final Path directory;
  private final List<Path> made = new ArrayList<>();
  private final List<NetworkStack> opened = new ArrayList<>();

  Namespaces(Path directory) {
    this.directory = directory;
  }

  Path make(String name) {
    Path path = directory.resolve(name);
    made.add(path);
    port.create(path);
    return path;
  }

  NetworkStack open(Path namespace) {
    NetworkStack stack = stacks.open(namespace);
    opened.add(stack);
    return stack;
  }

  @Override
  public void close() {
    opened.forEach(NetworkStack::close);
    stacks.close();
    made.forEach(port::remove);
  }
}
