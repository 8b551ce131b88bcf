package dev.taffrail.testkit.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A network namespace with nothing in it but its loopback, in which a daemon does to links, rules
 * and ports what it wants: nothing of the machine is touched. Needs root, {@code ip} and {@code
 * nsenter}.
 */
public final class NetworkNamespace implements AutoCloseable {
  private final String name;

  private NetworkNamespace(String name) {
    this.name = name;
  }

  /** A new one; it is there until it is closed, whoever is in it. */
  public static NetworkNamespace create() {
    NetworkNamespace created =
        new NetworkNamespace("taffrail-" + UUID.randomUUID().toString().substring(24));
    created.add();
    return created;
  }

  private void add() {
    command(List.of("ip", "netns", "add", name)).succeeded();
    try {
      run("ip", "link", "set", "lo", "up").succeeded();
    } catch (Throwable e) {
      delete();
      throw e;
    }
  }

  private void delete() {
    command(List.of("ip", "netns", "delete", name)).succeeded();
  }

  /** As a reboot does: everything in it is gone, and a new one is there under its name. */
  public void renew() {
    delete();
    add();
  }

  /**
   * The command that runs {@code command} inside. Unlike that of ip-netns(8) it keeps the mount
   * namespace, and the process stays the same.
   */
  public List<String> entering(List<String> command) {
    List<String> entering = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name));
    entering.addAll(command);
    return entering;
  }

  /** A cable to {@code other}: a pair of links, both of this name, which are down. */
  public void connect(NetworkNamespace other, String link) {
    run("ip", "link", "add", link, "type", "veth", "peer", "name", link, "netns", other.name)
        .succeeded();
  }

  /** Runs a program inside, to its end. */
  public CommandResult run(String... command) {
    return command(entering(List.of(command)));
  }

  private static CommandResult command(List<String> command) {
    return Commands.run(Map.of(), new byte[0], command);
  }

  @Override
  public void close() {
    delete();
  }
}
