package dev.taffrail.core.log;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Replaces texts in a payload by {@value #WORD}, as long as the appliers accept it. */
final class Substitution {
  static final String WORD = "[redacted]";

  private final ObjectNode payload;
  private final Predicate<byte[]> acceptable;
  private final Predicate<String> referredTo;
  private final List<String> replaced = new ArrayList<>();

  /**
   * Replaces nothing yet.
   *
   * @param acceptable whether a payload can be read and applied
   * @param referredTo whether a text is the name of something; those stay unless they are asked for
   */
  Substitution(byte[] payload, Predicate<byte[]> acceptable, Predicate<String> referredTo) {
    this.payload = (ObjectNode) parse(payload);
    this.acceptable = acceptable;
    this.referredTo = referredTo;
  }

  private static JsonNode parse(byte[] json) {
    try {
      return EventJson.mapper().readTree(json);
    } catch (java.io.IOException e) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "The payload is not JSON", e);
    }
  }

  /** Every text that nothing refers to and that can be replaced. */
  void replaceAll() {
    for (JsonPointer leaf : leaves(payload, JsonPointer.empty())) {
      if (!referredTo.test(payload.at(leaf).textValue())) {
        tryToReplace(leaf);
      }
    }
  }

  /** What {@code pointer} names and all below it; INVALID_ARGUMENT when that cannot be replaced. */
  void replace(String pointer) {
    JsonPointer named;
    try {
      named = JsonPointer.compile(pointer);
    } catch (IllegalArgumentException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a JSON pointer: " + pointer, e);
    }
    JsonNode node = payload.at(named);
    if (node.isMissingNode()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "There is no field " + pointer + " in the payload");
    }
    for (JsonPointer leaf : leaves(node, named)) {
      if (!tryToReplace(leaf)) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "The field " + leaf + " cannot be replaced: the event could not be applied any more");
      }
    }
  }

  private static List<JsonPointer> leaves(JsonNode node, JsonPointer at) {
    List<JsonPointer> leaves = new ArrayList<>();
    if (node.isTextual()) {
      leaves.add(at);
    } else if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        leaves.addAll(leaves(member.getValue(), at.appendProperty(member.getKey())));
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        leaves.addAll(leaves(array.get(i), at.appendIndex(i)));
      }
    }
    return leaves;
  }

  private boolean tryToReplace(JsonPointer leaf) {
    JsonNode before = payload.at(leaf);
    if (before.textValue().equals(WORD)) {
      return true;
    }
    set(leaf, TextNode.valueOf(WORD));
    if (acceptable.test(bytes())) {
      replaced.add(leaf.toString());
      return true;
    }
    set(leaf, before);
    return false;
  }

  private void set(JsonPointer leaf, JsonNode value) {
    JsonNode parent = payload.at(leaf.head());
    if (parent instanceof ArrayNode array) {
      array.set(leaf.last().getMatchingIndex(), value);
    } else {
      ((ObjectNode) parent).set(leaf.last().getMatchingProperty(), value);
    }
  }

  /** JSON pointers to what was replaced. */
  List<String> replaced() {
    return List.copyOf(replaced);
  }

  byte[] bytes() {
    try {
      return EventJson.mapper().writeValueAsBytes(payload);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A JSON tree can be written", e);
    }
  }
}
