package dev.taffrail.network.cni;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.network.Endpoint;
import dev.taffrail.core.network.Network;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the options of a network say.
 *
 * @param list the path or name of a configuration list: {@code conflist}, else the network's name
 * @param collects whether nobody else has containers on it, so that GC may be called: {@code gc}
 */
record CniOptions(String list, boolean collects) {
  static final String LIST = "conflist";
  static final String COLLECTS = "gc";

  /** Of an endpoint: {@code CNI_ARGS}, {@code FOO=BAR;ABC=123}. */
  static final String ARGUMENTS = "cni-args";

  private static final Pattern PAIRS =
      Pattern.compile("[A-Za-z0-9_]+=[^;=\\s]*(;[A-Za-z0-9_]+=[^;=\\s]*)*");

  /** Plugins refuse arguments that they do not know, unless they are told not to. */
  private static final String LENIENT = "IgnoreUnknown=1";

  /** INVALID_ARGUMENT for options that there are none, and for what the list alone decides. */
  static CniOptions of(Network network) {
    for (Map.Entry<String, String> option : network.options().entrySet()) {
      if (!option.getKey().equals(LIST) && !option.getKey().equals(COLLECTS)) {
        throw invalid("a cni network has no option " + option.getKey());
      }
    }
    if (network.internal() || !network.ipv4()) {
      throw invalid(
          (network.internal() ? "internal" : "without IPv4")
              + " cannot be chosen for a cni network: its configuration list decides");
    }
    return new CniOptions(
        network.option(LIST).orElse(network.name()),
        switch (network.option(COLLECTS).orElse("false")) {
          case "true" -> true;
          case "false" -> false;
          default ->
              throw invalid(
                  "invalid value for " + COLLECTS + ": " + network.option(COLLECTS).orElse(""));
        });
  }

  /** INVALID_ARGUMENT for other options of an endpoint, and for what are no pairs. */
  static String arguments(Endpoint endpoint) {
    Map<String, String> options = endpoint.settings().driverOptions();
    options
        .keySet()
        .forEach(
            name -> {
              if (!name.equals(ARGUMENTS)) {
                throw invalid("a container has no option " + name + " on a cni network");
              }
            });
    String pairs = options.getOrDefault(ARGUMENTS, "");
    if (pairs.isEmpty()) {
      return LENIENT;
    }
    if (!PAIRS.matcher(pairs).matches()) {
      throw invalid("invalid " + ARGUMENTS + ": " + pairs);
    }
    return LENIENT + ";" + pairs;
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
