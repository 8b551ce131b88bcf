package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packet filter of the daemon's network namespace has its two tables; their elements are those
 * of endpoints, gateways and published ports, and their rules name the bridges that there are.
 */
final class RulesHaveOwners implements Invariant {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TABLE = Pattern.compile("(inet|bridge) taffrail_[0-9a-f]{4}");
  private static final Pattern BRIDGE = Pattern.compile("\"(br-[0-9a-f]{12})\"");

  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    String text = after.network().run("nft", "-j", "list", "ruleset").succeeded().out();
    Set<String> tables = new TreeSet<>();
    Map<String, Set<String>> found = new TreeMap<>();
    for (JsonNode entry : JSON.readTree(text).path("nftables")) {
      JsonNode table = entry.path("table");
      if (table.isObject()) {
        tables.add(table.path("family").asText() + " " + table.path("name").asText());
      }
      for (String kind : List.of("set", "map")) {
        JsonNode set = entry.path(kind);
        for (JsonNode element : set.path("elem")) {
          found
              .computeIfAbsent(set.path("name").asText(), none -> new TreeSet<>())
              .add(text(element));
        }
      }
    }
    if (tables.size() != 2 || !tables.stream().allMatch(name -> TABLE.matcher(name).matches())) {
      violations.add("Tables: " + tables);
    }
    Map<String, Set<String>> owned = owned(after);
    if (!found.equals(owned)) {
      violations.add("Elements: " + found + ", owned: " + owned);
    }
    Set<String> bridges = new TreeSet<>();
    after.rows("networks").values().forEach(network -> bridges.add(NetworkRows.bridge(network)));
    Matcher named = BRIDGE.matcher(text);
    while (named.find()) {
      if (!bridges.contains(named.group(1))) {
        violations.add("A rule without network: for " + named.group(1));
      }
    }
    return violations;
  }

  private static Map<String, Set<String>> owned(Aftermath after) throws IOException {
    Map<String, Set<String>> owned = new TreeMap<>();
    for (JsonNode network : after.rows("networks").values()) {
      NetworkRows.gateways(network).forEach(gateway -> add(owned, "owned", gateway, gateway));
    }
    for (JsonNode endpoint : after.endpoints().values()) {
      String link = endpoint.path("hostLink").asText();
      owned
          .computeIfAbsent("macs", none -> new TreeSet<>())
          .add(link + " . " + endpoint.path("mac").asText());
      for (String address : NetworkRows.addresses(endpoint)) {
        add(owned, "owned", address, address);
        add(owned, "sources", address, link + " . " + address);
      }
    }
    for (Map.Entry<String, JsonNode> published : after.rows("network_ports").entrySet()) {
      String key = published.getKey() + "/" + published.getValue().path("network").asText();
      JsonNode endpoint = after.endpoints().getOrDefault(key, JSON.missingNode());
      for (JsonNode binding : published.getValue().path("bindings")) {
        publish(owned, endpoint, binding);
      }
    }
    return owned;
  }

  private static void publish(Map<String, Set<String>> owned, JsonNode endpoint, JsonNode binding) {
    String host = binding.path("hostAddress").asText();
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    for (String address : NetworkRows.addresses(endpoint)) {
      if (NetworkRows.isV6(address) == NetworkRows.isV6(host)) {
        add(
            owned,
            any ? "wildports" : "ports",
            address,
            binding.path("protocol").asText()
                + (any ? "" : " . " + host)
                + " . "
                + binding.path("hostPort").asText()
                + " : "
                + address
                + " . "
                + binding.path("containerPort").asText());
      }
    }
  }

  private static void add(
      Map<String, Set<String>> elements, String set, String address, String element) {
    elements
        .computeIfAbsent(set + (NetworkRows.isV6(address) ? "6" : "4"), none -> new TreeSet<>())
        .add(element);
  }

  // As in the language of nft(8): parts of a key are joined by dots, key and value by a colon.
  private static String text(JsonNode element) {
    if (element.isArray()) {
      return text(element.get(0)) + " : " + text(element.get(1));
    }
    JsonNode parts = element.path("concat");
    if (!parts.isArray()) {
      return element.asText();
    }
    List<String> words = new ArrayList<>();
    parts.forEach(part -> words.add(part.asText()));
    return String.join(" . ", words);
  }
}
