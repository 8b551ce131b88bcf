package dev.taffrail.core.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;

/** The keys of {@code daemon.json}; those that dockerd has too mean what they mean there. */
enum ConfigurationKey {
  HOSTS("hosts", Shape.STRINGS),
  DATA_ROOT("data-root", Shape.STRING),
  EXEC_ROOT("exec-root", Shape.STRING),
  PIDFILE("pidfile", Shape.STRING),
  GROUP("group", Shape.STRING),
  DEBUG("debug", Shape.BOOLEAN),
  LOG_LEVEL("log-level", Shape.STRING),
  LOG_MODE("log-mode", Shape.STRING),
  LOG_RETENTION_AGE("log-retention-age", Shape.STRING),
  LOG_RETENTION_SIZE("log-retention-size", Shape.STRING),
  LOG_RETENTION_EVENTS("log-retention-events", Shape.COUNT),
  LOG_ARCHIVE("log-archive", Shape.STRING),
  LOG_CONSUMER_MAX_LAG("log-consumer-max-lag", Shape.COUNT),
  LOG_DISK_RESERVE("log-disk-reserve", Shape.STRING),
  RUNTIMES("runtimes", Shape.OBJECT),
  DEFAULT_RUNTIME("default-runtime", Shape.STRING),
  BRIDGE("bridge", Shape.STRING),
  BIP("bip", Shape.STRING),
  BIP6("bip6", Shape.STRING),
  FIXED_CIDR("fixed-cidr", Shape.STRING),
  FIXED_CIDR_V6("fixed-cidr-v6", Shape.STRING),
  IPV6("ipv6", Shape.BOOLEAN),
  MTU("mtu", Shape.COUNT),
  ICC("icc", Shape.BOOLEAN),
  IP("ip", Shape.STRING),
  IP_FORWARD("ip-forward", Shape.BOOLEAN),
  IP_MASQ("ip-masq", Shape.BOOLEAN),
  DEFAULT_ADDRESS_POOLS("default-address-pools", Shape.OBJECTS),
  HOST_GATEWAY_IP("host-gateway-ip", Shape.STRING),
  DNS("dns", Shape.STRINGS),
  DNS_SEARCH("dns-search", Shape.STRINGS),
  DNS_OPTS("dns-opts", Shape.STRINGS),
  REQUIRED_PLUGINS("required-plugins", Shape.STRINGS),
  DISABLED_PLUGINS("disabled-plugins", Shape.STRINGS),
  PLUGIN_START_TIMEOUT("plugin-start-timeout", Shape.SECONDS),
  DEFAULTS("defaults", Shape.OBJECT),
  PLUGINS("plugins", Shape.OBJECT);

  private final String text;
  private final Shape shape;

  ConfigurationKey(String text, Shape shape) {
    this.text = text;
    this.shape = shape;
  }

  /** What a value looks like. */
  private enum Shape {
    STRING("a string"),
    STRINGS("a list of strings"),
    BOOLEAN("true or false"),
    SECONDS("a number of seconds, at least 1"),
    COUNT("a number, at least 0"),
    OBJECT("an object"),
    OBJECTS("a list of objects");

    private final String words;

    Shape(String words) {
      this.words = words;
    }

    boolean fits(JsonNode value) {
      return switch (this) {
        case STRING -> value.isTextual();
        case STRINGS -> value.isArray() && isAllText(value);
        case BOOLEAN -> value.isBoolean();
        case SECONDS -> value.isInt() && value.asInt() >= 1;
        case COUNT -> value.isIntegralNumber() && value.canConvertToLong() && value.asLong() >= 0;
        case OBJECT -> value.isObject();
        case OBJECTS -> value.isArray() && isAllObjects(value);
      };
    }

    private static boolean isAllObjects(JsonNode values) {
      for (JsonNode value : values) {
        if (!value.isObject()) {
          return false;
        }
      }
      return true;
    }

    private static boolean isAllText(JsonNode values) {
      for (JsonNode value : values) {
        if (!value.isTextual()) {
          return false;
        }
      }
      return true;
    }
  }

  static Optional<ConfigurationKey> find(String text) {
    return Arrays.stream(values()).filter(key -> key.text.equals(text)).findFirst();
  }

  /** Why {@code value} cannot be this key's; empty when it can. */
  Optional<String> objection(JsonNode value) {
    return shape.fits(value)
        ? Optional.empty()
        : Optional.of(text + " must be " + shape.words + ", not " + value);
  }

  /** As written in the file. */
  String text() {
    return text;
  }
}
