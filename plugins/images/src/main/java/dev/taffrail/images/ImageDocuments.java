package dev.taffrail.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.content.Descriptor;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.image.ImageConfiguration;
import java.time.Instant;
import java.util.List;

/** The JSON documents of an image: OCI image-spec config.md and manifest.md. */
final class ImageDocuments {
  static final String CONFIGURATION_TYPE = "application/vnd.oci.image.config.v1+json";
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ImageDocuments() {}

  /** Whose digest is the image's id. */
  static byte[] configuration(
      ImageConfiguration configuration,
      String architecture,
      String comment,
      Instant created,
      List<Digest> diffIds) {
    ObjectNode document = JSON.createObjectNode();
    document.put("created", created.toString());
    document.put("architecture", architecture);
    document.put("os", "linux");
    document.put("comment", comment);
    document.set("config", config(configuration));
    ObjectNode rootfs = document.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode layers = rootfs.putArray("diff_ids");
    diffIds.forEach(diffId -> layers.add(diffId.toString()));
    ObjectNode history = document.putArray("history").addObject();
    history.put("created", created.toString());
    history.put("comment", comment);
    return bytes(document);
  }

  private static ObjectNode config(ImageConfiguration configuration) {
    ObjectNode config = JSON.createObjectNode();
    configuration.user().ifPresent(user -> config.put("User", user));
    keys(config, "ExposedPorts", configuration.exposedPorts());
    strings(config, "Env", configuration.environment());
    configuration.entrypoint().ifPresent(words -> array(config, "Entrypoint", words));
    configuration.command().ifPresent(words -> array(config, "Cmd", words));
    keys(config, "Volumes", configuration.volumes());
    configuration.workingDirectory().ifPresent(path -> config.put("WorkingDir", path));
    if (!configuration.labels().isEmpty()) {
      ObjectNode labels = config.putObject("Labels");
      configuration.labels().forEach(labels::put);
    }
    configuration.stopSignal().ifPresent(signal -> config.put("StopSignal", signal));
    strings(config, "OnBuild", configuration.onBuild());
    configuration.shell().ifPresent(words -> array(config, "Shell", words));
    return config;
  }

  static byte[] manifest(Descriptor configuration, List<Descriptor> layers) {
    ObjectNode document = JSON.createObjectNode();
    document.put("schemaVersion", 2);
    document.put("mediaType", MANIFEST_TYPE);
    document.set("config", descriptor(configuration));
    ArrayNode list = document.putArray("layers");
    layers.forEach(layer -> list.add(descriptor(layer)));
    return bytes(document);
  }

  private static ObjectNode descriptor(Descriptor descriptor) {
    return JSON.createObjectNode()
        .put("mediaType", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
  }

  private static void keys(ObjectNode parent, String name, List<String> keys) {
    if (!keys.isEmpty()) {
      ObjectNode object = parent.putObject(name);
      keys.forEach(object::putObject);
    }
  }

  private static void strings(ObjectNode parent, String name, List<String> values) {
    if (!values.isEmpty()) {
      array(parent, name, values);
    }
  }

  private static void array(ObjectNode parent, String name, List<String> values) {
    ArrayNode array = parent.putArray(name);
    values.forEach(array::add);
  }

  private static byte[] bytes(ObjectNode document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree can always be written", e);
    }
  }
}
