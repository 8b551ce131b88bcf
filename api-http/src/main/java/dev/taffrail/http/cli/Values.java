package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as the values that expressions work with: maps, lists, strings, long, double, boolean. */
final class Values {
  private Values() {}

  static Object of(Object record) {
    return of(EventJson.mapper().<JsonNode>valueToTree(record));
  }

  static Object of(JsonNode json) {
    if (json.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      json.properties().forEach(member -> map.put(member.getKey(), of(member.getValue())));
      return map;
    }
    if (json.isArray()) {
      List<Object> list = new ArrayList<>();
      json.forEach(element -> list.add(of(element)));
      return list;
    }
    if (json.isIntegralNumber()) {
      return json.longValue();
    }
    if (json.isNumber()) {
      return json.doubleValue();
    }
    return json.isBoolean() ? (Object) json.booleanValue() : json.asText();
  }

  /** The inverse, where numbers stay numbers; a value of CEL's own becomes its text. */
  static JsonNode json(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = nodes.objectNode();
      map.forEach((key, member) -> object.set(String.valueOf(key), json(member)));
      return object;
    }
    if (value instanceof Collection<?> elements) {
      ArrayNode array = nodes.arrayNode();
      elements.forEach(element -> array.add(json(element)));
      return array;
    }
    if (value instanceof Boolean truth) {
      return nodes.booleanNode(truth);
    }
    if (value instanceof Long number) {
      return nodes.numberNode(number);
    }
    return value instanceof Double number
        ? nodes.numberNode(number)
        : nodes.textNode(String.valueOf(value));
  }
}
