package dev.taffrail.core.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.flipkart.zjsonpatch.JsonPatch;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patches are read by a library that did not write them. */
class JsonDiffTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static JsonNode random(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 4 : 6)) {
      case 0 -> JSON.numberNode(random.nextInt(3));
      case 1 -> JSON.textNode("t" + random.nextInt(3));
      case 2 -> JSON.booleanNode(random.nextBoolean());
      case 3 -> JSON.nullNode();
      case 4 -> {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          array.add(random(random, depth + 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = JSON.objectNode();
        String[] names = {"a", "b/c", "d~e", "", "0"};
        for (int i = random.nextInt(5); i > 0; i--) {
          object.set(names[random.nextInt(names.length)], random(random, depth + 1));
        }
        yield object;
      }
    };
  }

  @Test
  void aPatchMakesTheOneOfTheOther() {
    long seed = Long.getLong("taffrail.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      ObjectNode before = JSON.objectNode();
      before.set("x", random(random, 0));
      ObjectNode after = JSON.objectNode();
      after.set("x", random(random, 0));
      JsonNode patch = JsonDiff.patch(Optional.of(before), Optional.of(after));
      assertThat(JsonPatch.apply(patch, before))
          .as("seed %s: %s to %s by %s", seed, before, after, patch)
          .isEqualTo(after);
      assertThat(patch.isEmpty()).isEqualTo(before.equals(after));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"p\":1}|{\"p\":2}|[{\"op\":\"replace\",\"path\":\"/p\",\"value\":2,\"was\":1}]",
        "{}|{\"p\":2}|[{\"op\":\"add\",\"path\":\"/p\",\"value\":2}]",
        "{\"a/b\":1}|{}|[{\"op\":\"remove\",\"path\":\"/a~1b\",\"was\":1}]",
        "[1,2,3]|[1,9,2,3]|[{\"op\":\"add\",\"path\":\"/1\",\"value\":9}]",
        "[1,2,3]|[1,3]|[{\"op\":\"remove\",\"path\":\"/1\",\"was\":2}]",
        "|[1]|[{\"op\":\"add\",\"path\":\"\",\"value\":[1]}]",
        "[1]||[{\"op\":\"remove\",\"path\":\"\",\"was\":[1]}]"
      })
  void patchesAreShort(String before, String after, String patch) throws JsonProcessingException {
    assertThat(JsonDiff.patch(read(before), read(after))).isEqualTo(MAPPER.readTree(patch));
  }

  private static Optional<JsonNode> read(String json) throws JsonProcessingException {
    return json == null ? Optional.empty() : Optional.of(MAPPER.readTree(json));
  }
}
