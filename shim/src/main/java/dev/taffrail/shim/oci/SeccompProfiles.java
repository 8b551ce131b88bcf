package dev.taffrail.shim.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.SeccompFilter;
import dev.taffrail.core.linux.SeccompFilters;
import dev.taffrail.core.task.SecuritySettings;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the seccomp profiles of the last containers, and the filters compiled from them:
 * libseccomp takes 10 ms for Docker's profile, and most containers have the same one. Any thread.
 */
public final class SeccompProfiles {
  private static final Logger LOG = LoggerFactory.getLogger(SeccompProfiles.class);
  private static final int REMEMBERED = 16;

  /** Needs somebody who listens, whom only the runtime can find. */
  private static final String NOTIFY = "SCMP_ACT_NOTIFY";

  private final SeccompFilters filters;
  private final Map<Key, Entry> entries =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Entry> eldest) {
          return size() > REMEMBERED;
        }
      };

  public SeccompProfiles(SeccompFilters filters) {
    this.filters = filters;
  }

  /** All that a resolved profile depends on. */
  private record Key(SecuritySettings security, List<String> capabilities, HostFacts host) {}

  private static final class Entry {
    final ObjectNode profile;
    Optional<String> program;

    Entry(ObjectNode profile) {
      this.profile = profile;
    }
  }

  /** The OCI form, not to be changed; empty for a container that is not confined. */
  Optional<ObjectNode> profile(
      SecuritySettings security, List<String> capabilities, HostFacts host) {
    return entry(security, capabilities, host).map(entry -> entry.profile);
  }

  /**
   * The compiled filter in base64. Empty for a container that is not confined, and when the profile
   * cannot be compiled here: then it is the runtime's to say what is wrong with it.
   */
  Optional<String> program(SecuritySettings security, List<String> capabilities, HostFacts host) {
    return entry(security, capabilities, host).flatMap(this::program);
  }

  private Optional<Entry> entry(
      SecuritySettings security, List<String> capabilities, HostFacts host) {
    Key key = new Key(security, capabilities, host);
    synchronized (entries) {
      Entry known = entries.get(key);
      if (known != null) {
        return Optional.of(known);
      }
    }
    Optional<Entry> made =
        SeccompProfile.of(security).map(profile -> new Entry(profile.resolve(capabilities, host)));
    synchronized (entries) {
      made.ifPresent(entry -> entries.putIfAbsent(key, entry));
    }
    return made;
  }

  private Optional<String> program(Entry entry) {
    synchronized (entry) {
      if (entry.program == null) {
        entry.program = compile(entry.profile);
      }
      return entry.program;
    }
  }

  private Optional<String> compile(JsonNode profile) {
    SeccompFilter filter = filter(profile);
    boolean notifies =
        profile.hasNonNull("listenerPath")
            || filter.defaultAction().name().equals(NOTIFY)
            || filter.rules().stream().anyMatch(rule -> rule.action().name().equals(NOTIFY));
    if (notifies) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getEncoder().encodeToString(filters.compile(filter)));
    } catch (RuntimeFailure failure) {
      LOG.info("The runtime compiles the seccomp profile itself: {}", failure.getMessage());
      return Optional.empty();
    }
  }

  private static SeccompFilter filter(JsonNode profile) {
    List<String> architectures = new ArrayList<>();
    profile.path("architectures").forEach(name -> architectures.add(name.asText()));
    List<SeccompFilter.Rule> rules = new ArrayList<>();
    for (JsonNode rule : profile.path("syscalls")) {
      List<String> names = new ArrayList<>();
      rule.path("names").forEach(name -> names.add(name.asText()));
      rules.add(
          new SeccompFilter.Rule(
              action(rule.path("action"), rule.path("errnoRet")),
              names,
              arguments(rule.path("args"))));
    }
    return new SeccompFilter(
        action(profile.path("defaultAction"), profile.path("defaultErrnoRet")),
        architectures,
        rules);
  }

  private static SeccompFilter.Action action(JsonNode name, JsonNode errno) {
    return new SeccompFilter.Action(
        name.asText(), errno.isNumber() ? OptionalInt.of(errno.asInt()) : OptionalInt.empty());
  }

  private static List<SeccompFilter.Argument> arguments(JsonNode conditions) {
    List<SeccompFilter.Argument> arguments = new ArrayList<>();
    for (JsonNode condition : conditions) {
      arguments.add(
          new SeccompFilter.Argument(
              condition.path("index").asInt(),
              condition.path("op").asText(),
              // Unsigned: those above the range of a long keep their bits.
              condition.path("value").bigIntegerValue().longValue(),
              condition.path("valueTwo").bigIntegerValue().longValue()));
    }
    return arguments;
  }
}
