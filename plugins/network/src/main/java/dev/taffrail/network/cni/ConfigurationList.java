package dev.taffrail.network.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A network configuration: section 1 of the specification. A single configuration, as before 1.0.0,
 * is a list of one.
 *
 * @param name of the network, as plugins know it
 * @param versions that it is written in, at least one
 * @param disableCheck whether it wants no CHECK
 * @param disableGc whether it wants no GC
 * @param plugins their configurations, as written
 */
record ConfigurationList(
    String name,
    Set<CniVersion> versions,
    boolean disableCheck,
    boolean disableGc,
    List<ObjectNode> plugins) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
  private static final String VERSION = "cniVersion";
  private static final String VERSIONS = "cniVersions";
  private static final String PLUGINS = "plugins";

  ConfigurationList {
    versions = Set.copyOf(versions);
    plugins = plugins.stream().map(ObjectNode::deepCopy).toList();
  }

  /**
   * INVALID_ARGUMENT for what is none.
   *
   * @param source what it is called in messages
   */
  static ConfigurationList parse(byte[] json, String source) {
    JsonNode root;
    try {
      root = CniJson.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw invalid(source, "is no JSON: " + e.getOriginalMessage());
    } catch (java.io.IOException e) {
      throw new IllegalStateException("Bytes can be read", e);
    }
    if (!root.isObject()) {
      throw invalid(source, "is no JSON object");
    }
    String name = root.path("name").asText("");
    if (!NAME.matcher(name).matches()) {
      throw invalid(source, "has the name \"" + name + "\", which does not match " + NAME);
    }
    return new ConfigurationList(
        name,
        versions((ObjectNode) root, source),
        root.path("disableCheck").asBoolean(),
        root.path("disableGC").asBoolean(),
        plugins((ObjectNode) root, source));
  }

  private static Set<CniVersion> versions(ObjectNode root, String source) {
    Set<String> written = new TreeSet<>(CniJson.texts(root.path(VERSIONS)));
    if (root.hasNonNull(VERSION)) {
      written.add(root.path(VERSION).asText());
    }
    if (written.isEmpty()) {
      throw invalid(source, "has no " + VERSION);
    }
    Set<CniVersion> versions = EnumSet.noneOf(CniVersion.class);
    written.forEach(text -> CniVersion.find(text).ifPresent(versions::add));
    if (versions.isEmpty()) {
      throw invalid(
          source,
          "is of the CNI version "
              + String.join(", ", written)
              + ", and not of "
              + CniVersion.known());
    }
    return versions;
  }

  private static List<ObjectNode> plugins(ObjectNode root, String source) {
    List<ObjectNode> plugins = new ArrayList<>();
    if (root.has(PLUGINS)) {
      for (JsonNode plugin : root.path(PLUGINS)) {
        if (!plugin.isObject()) {
          throw invalid(source, "has a plugin that is no JSON object: " + plugin);
        }
        plugins.add((ObjectNode) plugin);
      }
      if (plugins.isEmpty()) {
        throw invalid(source, "has no plugins");
      }
    } else {
      ObjectNode single = root.deepCopy();
      single.remove(VERSIONS);
      plugins.add(single);
    }
    for (ObjectNode plugin : plugins) {
      requireType(plugin, source);
      if (plugin.path("ipam").has("type")) {
        requireType(plugin.path("ipam"), source);
      }
    }
    return plugins;
  }

  private static void requireType(JsonNode configuration, String source) {
    String type = configuration.path("type").asText("");
    if (type.isEmpty() || type.contains("/") || type.startsWith(".")) {
      throw invalid(source, "has a plugin of the type \"" + type + "\"");
    }
  }

  private static RuntimeFailure invalid(String source, String what) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, "CNI configuration " + source + " " + what);
  }

  /** The highest of its versions. */
  CniVersion version() {
    return versions.stream().max(CniVersion::compareTo).orElseThrow();
  }

  /** The same in one version. */
  ConfigurationList in(CniVersion version) {
    return new ConfigurationList(name, Set.of(version), disableCheck, disableGc, plugins);
  }

  /** As a file of one version has it. */
  ObjectNode json() {
    ObjectNode json =
        CniJson.object()
            .put(VERSION, version().toString())
            .put("name", name)
            .put("disableCheck", disableCheck)
            .put("disableGC", disableGc);
    ArrayNode all = json.putArray(PLUGINS);
    plugins.forEach(plugin -> all.add(plugin.deepCopy()));
    return json;
  }

  /** The types of its plugins, and of the plugins that these call for addresses. */
  Set<String> types() {
    Set<String> types = new TreeSet<>();
    for (ObjectNode plugin : plugins) {
      types.add(type(plugin));
      Optional.of(plugin.path("ipam").path("type").asText(""))
          .filter(type -> !type.isEmpty())
          .ifPresent(types::add);
    }
    return types;
  }

  static String type(ObjectNode plugin) {
    return plugin.path("type").asText();
  }

  /** Whether a plugin declares that it takes arguments of this kind. */
  static boolean isCapable(ObjectNode plugin, String capability) {
    return plugin.path("capabilities").path(capability).asBoolean();
  }

  /** Whether any plugin does. */
  boolean isCapable(String capability) {
    Objects.requireNonNull(capability, "capability");
    return plugins.stream().anyMatch(plugin -> isCapable(plugin, capability));
  }
}
