package dev.taffrail.core.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code daemon.json} as read and checked key by key. */
final class ConfigurationFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path path;
  private final ObjectNode content;

  private ConfigurationFile(Path path, ObjectNode content) {
    this.path = path;
    this.content = content;
  }

  /**
   * INVALID_ARGUMENT with dockerd's words where dockerd has the same rule.
   *
   * @param explicit the user has named the file, so it must be there
   */
  static ConfigurationFile read(Path path, boolean explicit) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      if (explicit) {
        throw invalid(path, "open " + path + ": no such file or directory", e);
      }
      bytes = new byte[0];
    } catch (IOException e) {
      throw invalid(path, "open " + path + ": " + e, e);
    }
    return new ConfigurationFile(path, check(path, parse(path, bytes)));
  }

  private static JsonNode parse(Path path, byte[] bytes) {
    try {
      JsonNode content = MAPPER.readTree(bytes);
      // As in dockerd, an empty file configures nothing.
      return content == null || content.isMissingNode() ? MAPPER.createObjectNode() : content;
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw invalid(path, "it is not valid JSON: " + e.getOriginalMessage() + place, e);
    } catch (IOException e) {
      throw invalid(path, e.toString(), e);
    }
  }

  private static ObjectNode check(Path path, JsonNode content) {
    if (!(content instanceof ObjectNode object)) {
      throw invalid(path, "it must hold a JSON object, not " + content, null);
    }
    List<String> unknown = new ArrayList<>();
    List<String> objections = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      Optional<ConfigurationKey> key = ConfigurationKey.find(entry.getKey());
      if (key.isEmpty()) {
        unknown.add(entry.getKey());
      } else {
        key.get().objection(entry.getValue()).ifPresent(objections::add);
      }
    }
    if (!unknown.isEmpty()) {
      throw invalid(
          path,
          "the following directives don't match any configuration option: "
              + String.join(", ", unknown),
          null);
    }
    if (!objections.isEmpty()) {
      throw invalid(path, String.join("; ", objections), null);
    }
    return object;
  }

  Path path() {
    return path;
  }

  ObjectNode content() {
    return content;
  }

  Optional<JsonNode> find(ConfigurationKey key) {
    return Optional.ofNullable(content.get(key.text()));
  }

  Optional<String> text(ConfigurationKey key) {
    return find(key).map(JsonNode::textValue);
  }

  List<String> texts(ConfigurationKey key) {
    List<String> texts = new ArrayList<>();
    find(key).ifPresent(list -> list.forEach(value -> texts.add(value.textValue())));
    return List.copyOf(texts);
  }

  /** INVALID_ARGUMENT about this file. */
  RuntimeFailure invalid(String reason, Throwable cause) {
    return invalid(path, reason, cause);
  }

  private static RuntimeFailure invalid(Path path, String reason, Throwable cause) {
    return new RuntimeFailure(
        Kind.INVALID_ARGUMENT,
        "unable to configure the Taffrail daemon with file " + path + ": " + reason,
        cause);
  }
}
