package dev.taffrail.core.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginId;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code daemon.json} and the command line, merged and checked.
 *
 * @param logLevel of log lines, not of the event log
 * @param logMode of the event log
 * @param retention of the event log
 * @param diskReserve bytes of the event log's disk that are kept for outcomes
 */
record DaemonConfiguration(
    DaemonSettings settings,
    LogLevel logLevel,
    LogMode logMode,
    LogRetention retention,
    long diskReserve,
    PluginPolicy policy) {
  static final Path DEFAULT_FILE = Path.of("/etc/taffrail/daemon.json");
  private static final String DEFAULT_HOST = "unix:///run/taffrail/taffrail.sock";
  private static final String DEFAULT_DATA_ROOT = "/var/lib/taffrail";
  private static final String DEFAULT_EXEC_ROOT = "/run/taffrail";
  private static final String DEFAULT_GROUP = "docker";
  private static final long DEFAULT_RETENTION_BYTES = 4L << 30;
  private static final long DEFAULT_DISK_RESERVE = 64L << 20;

  /**
   * What the command line said.
   *
   * @param file the configuration file, when it was named
   * @param given for each flag that was given its value: of those that only plugins read as JSON,
   *     else a string, a list of strings, or true
   */
  record Flags(Optional<Path> file, Map<ConfigurationKey, Object> given) {
    Flags {
      given = Map.copyOf(given);
    }
  }

  /** INVALID_ARGUMENT for anything that cannot be right; dockerd's words where it has the rule. */
  static DaemonConfiguration load(Flags flags) {
    ConfigurationFile file =
        ConfigurationFile.read(flags.file().orElse(DEFAULT_FILE), flags.file().isPresent());
    checkConflicts(flags, file);
    Path execRoot = path(text(flags, file, ConfigurationKey.EXEC_ROOT).orElse(DEFAULT_EXEC_ROOT));
    boolean debug =
        flags.given().containsKey(ConfigurationKey.DEBUG)
            || file.find(ConfigurationKey.DEBUG).filter(JsonNode::booleanValue).isPresent();
    DaemonSettings settings =
        new DaemonSettings(
            hosts(flags, file),
            path(text(flags, file, ConfigurationKey.DATA_ROOT).orElse(DEFAULT_DATA_ROOT)),
            execRoot,
            Optional.of(
                text(flags, file, ConfigurationKey.PIDFILE)
                    .map(DaemonConfiguration::path)
                    .orElse(execRoot.resolve("taffraild.pid"))),
            file.path(),
            text(flags, file, ConfigurationKey.GROUP).or(DaemonConfiguration::defaultGroup),
            debug,
            merged(flags, file),
            BuildVersion.get());
    return new DaemonConfiguration(
        settings,
        debug
            ? LogLevel.DEBUG
            : text(flags, file, ConfigurationKey.LOG_LEVEL)
                .map(LogLevel::parse)
                .orElse(LogLevel.INFO),
        text(flags, file, ConfigurationKey.LOG_MODE)
            .map(DaemonConfiguration::logMode)
            .orElse(LogMode.DURABLE),
        retention(file),
        bytes(file, ConfigurationKey.LOG_DISK_RESERVE, DEFAULT_DISK_RESERVE),
        policy(file));
  }

  /** What plugins read: the file, and the flags in whose stead it could say the same. */
  private static JsonNode merged(Flags flags, ConfigurationFile file) {
    ObjectNode merged = file.content().deepCopy();
    flags
        .given()
        .forEach(
            (key, value) -> {
              if (value instanceof JsonNode node) {
                merged.set(key.text(), node);
              }
            });
    return merged;
  }

  /** Top-level keys of {@code daemon.json} that differ, sorted. */
  Set<String> changedKeys(DaemonConfiguration other) {
    Set<String> changed = new TreeSet<>();
    for (ConfigurationKey key : ConfigurationKey.values()) {
      JsonNode here = settings.configuration().path(key.text());
      if (!here.equals(other.settings.configuration().path(key.text()))) {
        changed.add(key.text());
      }
    }
    return changed;
  }

  private static void checkConflicts(Flags flags, ConfigurationFile file) {
    List<String> conflicts = new ArrayList<>();
    for (ConfigurationKey key : ConfigurationKey.values()) {
      Object flag = flags.given().get(key);
      Optional<JsonNode> value = file.find(key);
      if (flag != null && value.isPresent()) {
        conflicts.add(
            key.text() + ": (from flag: " + show(flag) + ", from file: " + show(value.get()) + ")");
      }
    }
    if (!conflicts.isEmpty()) {
      throw file.invalid(
          "the following directives are specified both as a flag and in the configuration file: "
              + String.join(", ", conflicts),
          null);
    }
  }

  /** As dockerd prints them: lists without commas, strings without quotes. */
  private static String show(Object value) {
    if (value instanceof List<?> list) {
      return "[" + String.join(" ", list.stream().map(String::valueOf).toList()) + "]";
    }
    if (value instanceof JsonNode node && node.isArray()) {
      List<String> texts = new ArrayList<>();
      node.forEach(element -> texts.add(element.asText()));
      return show(texts);
    }
    return value instanceof JsonNode node && node.isValueNode()
        ? node.asText()
        : String.valueOf(value);
  }

  private static Optional<String> text(Flags flags, ConfigurationFile file, ConfigurationKey key) {
    Object flag = flags.given().get(key);
    return flag != null ? Optional.of(flag.toString()) : file.text(key);
  }

  private static List<String> hosts(Flags flags, ConfigurationFile file) {
    List<String> hosts =
        flags.given().get(ConfigurationKey.HOSTS) instanceof List<?> given
            ? given.stream().map(String::valueOf).toList()
            : file.texts(ConfigurationKey.HOSTS);
    return hosts.isEmpty() ? List.of(DEFAULT_HOST) : hosts;
  }

  private static Path path(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }

  private static Optional<String> defaultGroup() {
    try {
      return Optional.of(
          FileSystems.getDefault()
              .getUserPrincipalLookupService()
              .lookupPrincipalByGroupName(DEFAULT_GROUP)
              .getName());
    } catch (IOException e) {
      // UserPrincipalNotFoundException: nobody made that group, so the socket stays with root.
      return Optional.empty();
    }
  }

  /** A limit of 0 is none. */
  private static LogRetention retention(ConfigurationFile file) {
    try {
      return new LogRetention(
          file.text(ConfigurationKey.LOG_RETENTION_AGE)
              .map(Quantity::duration)
              .filter(age -> !age.isZero()),
          limit(bytes(file, ConfigurationKey.LOG_RETENTION_SIZE, DEFAULT_RETENTION_BYTES)),
          limit(file.find(ConfigurationKey.LOG_RETENTION_EVENTS).map(JsonNode::asLong).orElse(0L)),
          file.find(ConfigurationKey.LOG_CONSUMER_MAX_LAG)
              .map(JsonNode::asLong)
              .orElse(LogRetention.DEFAULT_MAX_CONSUMER_LAG),
          file.text(ConfigurationKey.LOG_ARCHIVE)
              .filter(text -> !text.isEmpty())
              .map(DaemonConfiguration::path));
    } catch (IllegalArgumentException e) {
      throw file.invalid(e.getMessage(), e);
    }
  }

  private static long bytes(ConfigurationFile file, ConfigurationKey key, long otherwise) {
    try {
      return file.text(key).map(Quantity::bytes).orElse(otherwise);
    } catch (IllegalArgumentException e) {
      throw file.invalid(e.getMessage(), e);
    }
  }

  private static OptionalLong limit(long value) {
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static LogMode logMode(String text) {
    return switch (text) {
      case "durable" -> LogMode.DURABLE;
      case "relaxed" -> LogMode.RELAXED;
      default ->
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT,
              "invalid log mode: " + text + " (it must be durable or relaxed)");
    };
  }

  private static PluginPolicy policy(ConfigurationFile file) {
    Set<PluginId> required = ids(file, ConfigurationKey.REQUIRED_PLUGINS);
    Set<PluginId> disabled = ids(file, ConfigurationKey.DISABLED_PLUGINS);
    for (PluginId id : required) {
      if (disabled.contains(id)) {
        throw file.invalid("the plugin " + id + " is both required and disabled", null);
      }
    }
    Map<String, PluginId> defaults = new HashMap<>();
    file.find(ConfigurationKey.DEFAULTS)
        .ifPresent(
            types ->
                types
                    .properties()
                    .forEach(
                        entry ->
                            defaults.put(
                                entry.getKey(),
                                id(file, ConfigurationKey.DEFAULTS, entry.getValue().asText()))));
    file.find(ConfigurationKey.PLUGINS)
        .ifPresent(sections -> sections.properties().forEach(entry -> checkSection(file, entry)));
    return new PluginPolicy(
        required,
        disabled,
        defaults,
        file.find(ConfigurationKey.PLUGIN_START_TIMEOUT)
            .map(seconds -> Duration.ofSeconds(seconds.asInt()))
            .orElse(PluginPolicy.START_TIMEOUT),
        PluginPolicy.STOP_TIMEOUT);
  }

  private static void checkSection(ConfigurationFile file, Map.Entry<String, JsonNode> section) {
    PluginId id = id(file, ConfigurationKey.PLUGINS, section.getKey());
    if (!section.getValue().isObject()) {
      throw file.invalid("plugins." + id + " must be an object, not " + section.getValue(), null);
    }
  }

  private static Set<PluginId> ids(ConfigurationFile file, ConfigurationKey key) {
    Set<PluginId> ids = new LinkedHashSet<>();
    file.texts(key).forEach(text -> ids.add(id(file, key, text)));
    return ids;
  }

  private static PluginId id(ConfigurationFile file, ConfigurationKey key, String text) {
    try {
      return new PluginId(text);
    } catch (IllegalArgumentException e) {
      throw file.invalid(
          key.text() + ": \"" + text + "\" is not a plugin id such as snapshot.overlay", e);
    }
  }
}
