package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * An object of a request body. Member names are matched as Go does, exactly or else ignoring case;
 * a member of a wrong type is INVALID_ARGUMENT, and null is absent.
 *
 * @param path of this object in the body, for messages; empty at the top
 */
record Body(String path, JsonNode node) {
  static Body top(JsonNode node) {
    if (!node.isObject()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "the request body is no JSON object");
    }
    return new Body("", node);
  }

  /** The member, or absent when it is missing or null. */
  Optional<JsonNode> find(String name) {
    JsonNode exact = node.get(name);
    if (exact == null) {
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        if (member.getKey().equalsIgnoreCase(name)) {
          exact = member.getValue();
        }
      }
    }
    return Optional.ofNullable(exact).filter(value -> !value.isNull());
  }

  String pathOf(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Empty object when absent. */
  Body object(String name) {
    JsonNode value = find(name).orElseGet(Json::object);
    require(value.isObject(), name, "an object");
    return new Body(pathOf(name), value);
  }

  /** Absent also when empty, as Go cannot tell. */
  Optional<String> text(String name) {
    Optional<JsonNode> value = find(name);
    value.ifPresent(found -> require(found.isTextual(), name, "a string"));
    return value.map(JsonNode::textValue).filter(text -> !text.isEmpty());
  }

  boolean flag(String name) {
    Optional<JsonNode> value = find(name);
    value.ifPresent(found -> require(found.isBoolean(), name, "a boolean"));
    return value.map(JsonNode::booleanValue).orElse(false);
  }

  OptionalLong number(String name) {
    Optional<JsonNode> value = find(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    require(value.get().canConvertToLong() && value.get().isIntegralNumber(), name, "a number");
    return OptionalLong.of(value.get().longValue());
  }

  /** Absent when 0: in Docker's API that is "not given". */
  OptionalLong positive(String name) {
    OptionalLong value = number(name);
    return value.isPresent() && value.getAsLong() == 0 ? OptionalLong.empty() : value;
  }

  OptionalInt integer(String name) {
    OptionalLong value = number(name);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    require(value.getAsLong() == (int) value.getAsLong(), name, "a 32-bit number");
    return OptionalInt.of((int) value.getAsLong());
  }

  Optional<List<String>> list(String name) {
    Optional<JsonNode> value = find(name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    require(value.get().isArray(), name, "an array of strings");
    List<String> result = new ArrayList<>();
    for (JsonNode element : value.get()) {
      require(element.isTextual(), name, "an array of strings");
      result.add(element.textValue());
    }
    return Optional.of(result);
  }

  /** A list, or a single string that counts as a list of one. */
  Optional<List<String>> words(String name) {
    Optional<JsonNode> value = find(name);
    return value.isPresent() && value.get().isTextual()
        ? Optional.of(List.of(value.get().textValue()))
        : list(name);
  }

  List<Body> objects(String name) {
    Optional<JsonNode> value = find(name);
    if (value.isEmpty()) {
      return List.of();
    }
    require(value.get().isArray(), name, "an array of objects");
    List<Body> result = new ArrayList<>();
    for (JsonNode element : value.get()) {
      require(element.isObject(), name, "an array of objects");
      result.add(new Body(pathOf(name), element));
    }
    return result;
  }

  Map<String, String> map(String name) {
    Map<String, String> result = new TreeMap<>();
    for (Map.Entry<String, JsonNode> member : object(name).node().properties()) {
      require(member.getValue().isTextual(), name, "an object of strings");
      result.put(member.getKey(), member.getValue().textValue());
    }
    return result;
  }

  List<String> keys(String name) {
    return object(name).node().properties().stream().map(Map.Entry::getKey).sorted().toList();
  }

  private void require(boolean holds, String name, String wanted) {
    if (!holds) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, pathOf(name) + " must be " + wanted);
    }
  }
}
