package dev.taffrail.http.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.Map;

/** JSON as Docker's API writes it: longs are numbers, absent lists may be null. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  static ArrayNode strings(Collection<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  static ObjectNode strings(Map<String, String> values) {
    ObjectNode object = object();
    values.forEach(object::put);
    return object;
  }

  /** A set as Go writes one: each member with an empty object. */
  static ObjectNode set(Collection<String> values) {
    ObjectNode object = object();
    values.forEach(object::putObject);
    return object;
  }

  /** One line, as Go's encoder ends each value. */
  static Buffer line(JsonNode value) {
    return Buffer.buffer(value.toString()).appendByte((byte) '\n');
  }

  /** INVALID_ARGUMENT with {@code what} in front when {@code text} is not JSON. */
  static JsonNode parse(String text, String what) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonEOFException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, what + ": unexpected EOF", e);
    } catch (MismatchedInputException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "unexpected content after JSON", e);
    } catch (JsonProcessingException e) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, what + ": " + e.getOriginalMessage(), e);
    }
  }
}
