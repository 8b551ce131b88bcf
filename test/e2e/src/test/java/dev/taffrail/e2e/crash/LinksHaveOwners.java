package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * In the daemon's network namespace there is its loopback, a bridge for each network, the link of
 * each endpoint, a socket at each published port, and nothing else.
 */
final class LinksHaveOwners implements Invariant {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LISTENING =
      Pattern.compile("LISTEN\\s+\\d+\\s+\\d+\\s+\\S+:(\\d+)\\s");

  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Set<String> owned = new TreeSet<>(Set.of("lo"));
    after.rows("networks").values().forEach(network -> owned.add(NetworkRows.bridge(network)));
    Set<String> needed = new TreeSet<>(owned);
    for (JsonNode endpoint : after.endpoints().values()) {
      owned.add(endpoint.path("hostLink").asText());
      if (after.withTask().contains(endpoint.path("container").asText())) {
        needed.add(endpoint.path("hostLink").asText());
      }
    }
    Set<String> found = new TreeSet<>();
    String text = after.network().run("ip", "-j", "link").succeeded().out();
    JSON.readTree(text).forEach(link -> found.add(link.path("ifname").asText()));
    if (!owned.containsAll(found) || !found.containsAll(needed)) {
      violations.add("Links: " + found + ", owned: " + owned + ", needed: " + needed);
    }
    ports(after, violations);
    return violations;
  }

  private static void ports(Aftermath after, List<String> violations) throws IOException {
    Set<String> published = new TreeSet<>();
    for (JsonNode row : after.rows("network_ports").values()) {
      for (JsonNode binding : row.path("bindings")) {
        if (binding.path("protocol").asText().equals("tcp")) {
          published.add(binding.path("hostPort").asText());
        }
      }
    }
    Set<String> held = new TreeSet<>();
    Matcher line = LISTENING.matcher(after.network().run("ss", "-Htln").succeeded().out());
    while (line.find()) {
      held.add(line.group(1));
    }
    if (!held.equals(published)) {
      violations.add("Ports held: " + held + ", published: " + published);
    }
  }
}
