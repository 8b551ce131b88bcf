package dev.taffrail.core.history;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Differences as RFC 6902 JSON Patch, of {@code add}, {@code remove} and {@code replace} alone.
 * Members come in the order of their names. Of two arrays, what they share at the beginning and at
 * the end is left alone. A patch that makes something of nothing, or nothing of something, has the
 * path {@code ""}. Operations that take a value away carry it in {@code was}; readers of JSON Patch
 * ignore that (RFC 6902, 4).
 */
final class JsonDiff {
  private final ArrayNode patch = JsonNodeFactory.instance.arrayNode();

  private JsonDiff() {}

  static ArrayNode patch(Optional<JsonNode> before, Optional<JsonNode> after) {
    JsonDiff diff = new JsonDiff();
    if (before.isPresent() && after.isPresent()) {
      diff.compare(JsonPointer.empty(), before.get(), after.get());
    } else if (after.isPresent()) {
      diff.add("add", JsonPointer.empty()).set("value", after.get());
    } else if (before.isPresent()) {
      diff.add("remove", JsonPointer.empty()).set("was", before.get());
    }
    return diff.patch;
  }

  private ObjectNode add(String operation, JsonPointer path) {
    return patch.addObject().put("op", operation).put("path", path.toString());
  }

  private void compare(JsonPointer path, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      compareMembers(path, before, after);
    } else if (before.isArray() && after.isArray()) {
      compareElements(path, before, after);
    } else {
      add("replace", path).<ObjectNode>set("value", after).set("was", before);
    }
  }

  private void compareMembers(JsonPointer path, JsonNode before, JsonNode after) {
    TreeSet<String> names = new TreeSet<>();
    before.fieldNames().forEachRemaining(names::add);
    after.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      JsonPointer member = path.appendProperty(name);
      if (!after.has(name)) {
        add("remove", member).set("was", before.get(name));
      } else if (!before.has(name)) {
        add("add", member).set("value", after.get(name));
      } else {
        compare(member, before.get(name), after.get(name));
      }
    }
  }

  private void compareElements(JsonPointer path, JsonNode before, JsonNode after) {
    int shorter = Math.min(before.size(), after.size());
    int start = 0;
    while (start < shorter && before.get(start).equals(after.get(start))) {
      start++;
    }
    int end = 0;
    while (end < shorter - start
        && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
      end++;
    }
    int removed = before.size() - start - end;
    int added = after.size() - start - end;
    int changed = Math.min(removed, added);
    for (int i = 0; i < changed; i++) {
      compare(path.appendIndex(start + i), before.get(start + i), after.get(start + i));
    }
    // From the last on, so that the indexes of those before it stay what they are.
    for (int i = removed - 1; i >= changed; i--) {
      add("remove", path.appendIndex(start + i)).set("was", before.get(start + i));
    }
    for (int i = changed; i < added; i++) {
      add("add", path.appendIndex(start + i)).set("value", after.get(start + i));
    }
  }
}
