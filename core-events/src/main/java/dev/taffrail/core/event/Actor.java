package dev.taffrail.core.event;

import java.util.Objects;
import java.util.Optional;

/**
 * Who asked: the peer of a unix socket, the subject of a TLS client certificate, or a part of the
 * daemon.
 *
 * @param command the peer's command line when it connected, cut to 256 characters
 * @param component the plugin or kernel part that acted on its own, {@code containers}
 */
public record Actor(
    Optional<Long> uid,
    Optional<Long> gid,
    Optional<Long> pid,
    Optional<String> command,
    Optional<String> tlsSubject,
    Optional<String> component) {
  public Actor {
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(gid, "gid");
    Objects.requireNonNull(pid, "pid");
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(tlsSubject, "tlsSubject");
    Objects.requireNonNull(component, "component");
  }

  public static Actor peer(long uid, long gid, long pid, Optional<String> command) {
    return new Actor(
        Optional.of(uid),
        Optional.of(gid),
        Optional.of(pid),
        command,
        Optional.empty(),
        Optional.empty());
  }

  public static Actor tls(String subject) {
    return new Actor(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(subject),
        Optional.empty());
  }

  public static Actor component(String name) {
    return new Actor(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(name));
  }
}
