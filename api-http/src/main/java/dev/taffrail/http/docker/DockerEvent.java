package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.log.Cursor;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * An event as Docker's API shows it.
 *
 * @param type {@code container}, {@code image} or {@code network}
 * @param cursor of the logged event behind it; two of these may share one
 */
record DockerEvent(
    String type,
    String action,
    String id,
    Map<String, String> attributes,
    Instant time,
    Cursor cursor) {
  private static final String CURSOR = "dev.taffrail.cursor";
  private static final long NANOS = 1_000_000_000L;

  DockerEvent {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /** With the members of before API 1.22 beside the others, as moby writes them up to 1.51. */
  ObjectNode json() {
    ObjectNode json = Json.object();
    if (!type.equals("network")) {
      json.put("status", action).put("id", id);
    }
    if (type.equals("container") && attributes.containsKey("image")) {
      json.put("from", attributes.get("image"));
    }
    json.put("Type", type).put("Action", action);
    ObjectNode actor = json.putObject("Actor").put("ID", id);
    ObjectNode shown = Json.strings(attributes);
    shown.put(CURSOR, cursor.toString());
    actor.set("Attributes", shown);
    return json.put("scope", "local")
        .put("time", time.getEpochSecond())
        .put("timeNano", time.getEpochSecond() * NANOS + time.getNano());
  }

  /** As moby's daemon/events/filter.go decides. */
  boolean matches(Filters filters) {
    return filters.any("type", type::equals)
        && filters.any("event", action::equals)
        && filters.any("scope", "local"::equals)
        && filters.matchesLabels("label", attributes)
        && filters.any("container", wanted -> isNamed("container", wanted))
        && filters.any("network", wanted -> isNamed("network", wanted))
        && filters.any("image", this::isImage)
        && onlyOf(filters, "volume", "plugin", "daemon", "service", "node", "secret", "config");
  }

  private boolean isNamed(String wantedType, String wanted) {
    return type.equals(wantedType)
        && (id.startsWith(wanted) || attributes.getOrDefault("name", "").startsWith(wanted));
  }

  private boolean isImage(String wanted) {
    String name = attributes.getOrDefault(type.equals("image") ? "name" : "image", "");
    String bare = withoutTag(name);
    return (type.equals("image") && id.equals(wanted))
        || name.equals(wanted)
        || bare.equals(wanted);
  }

  private static String withoutTag(String name) {
    int colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
  }

  /** There are no events of these types, so a filter on one lets nothing through. */
  private static boolean onlyOf(Filters filters, String... types) {
    for (String type : types) {
      if (filters.has(type)) {
        return false;
      }
    }
    return true;
  }
}
