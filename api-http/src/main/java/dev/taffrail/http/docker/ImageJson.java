package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.image.HistoryEntry;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.image.ImageConfiguration;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageRemoval;
import dev.taffrail.core.image.ImageView;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Images in the shapes of Docker's API. */
final class ImageJson {
  private static final String NONE = "<none>:<none>";
  private static final String NO_DIGEST = "<none>@<none>";

  private ImageJson() {}

  /** An element of {@code GET /images/json}, showing only {@code references}. */
  static ObjectNode summary(ImageView view, List<String> references, ApiVersion version) {
    Image image = view.image();
    ObjectNode json =
        Json.object()
            .put("Id", image.id().toString())
            .put("ParentId", "")
            .put("Created", image.created().getEpochSecond())
            .put("Size", image.size())
            .put("SharedSize", -1)
            .put("Containers", -1);
    ArrayNode tags = familiar(references);
    ArrayNode digests = digests(references);
    if (!version.atLeast(43) && tags.isEmpty() && digests.isEmpty()) {
      tags.add(NONE);
      digests.add(NO_DIGEST);
    }
    json.set("RepoTags", tags);
    json.set("RepoDigests", digests);
    json.set("Labels", labels(image.configuration()));
    if (!version.atLeast(44)) {
      json.put("VirtualSize", image.size());
    }
    return json;
  }

  /** {@code GET /images/{name}/json}. */
  static ObjectNode inspect(ImageView view, ApiVersion version) {
    Image image = view.image();
    ObjectNode json = Json.object().put("Id", image.id().toString());
    json.set("RepoTags", familiar(view.references()));
    json.set("RepoDigests", digests(view.references()));
    json.put("Parent", "")
        .put("Comment", image.comment().orElse(""))
        .put("Created", image.created().toString())
        .put("DockerVersion", "")
        .put("Author", image.author().orElse(""));
    json.set("Config", configuration(image.configuration(), version));
    json.put("Architecture", image.architecture());
    image.variant().ifPresent(variant -> json.put("Variant", variant));
    json.put("Os", image.operatingSystem()).put("Size", image.size());
    if (!version.atLeast(44)) {
      json.put("VirtualSize", image.size());
    }
    ObjectNode driver = json.putObject("GraphDriver");
    driver.putNull("Data");
    driver.put("Name", image.snapshotter());
    ObjectNode rootfs = json.putObject("RootFS").put("Type", "layers");
    rootfs.set("Layers", Json.strings(image.diffIds().stream().map(Object::toString).toList()));
    json.putObject("Metadata").put("LastTagTime", Times.NEVER);
    return json;
  }

  private static ObjectNode configuration(ImageConfiguration config, ApiVersion version) {
    ObjectNode json = Json.object();
    if (!version.atLeast(50)) {
      json.put("Hostname", "")
          .put("Domainname", "")
          .put("AttachStdin", false)
          .put("AttachStdout", false)
          .put("AttachStderr", false)
          .put("Tty", false)
          .put("OpenStdin", false)
          .put("StdinOnce", false)
          .put("Image", "");
    }
    boolean all = !version.atLeast(50);
    config
        .user()
        .or(() -> all ? Optional.of("") : Optional.empty())
        .ifPresent(user -> json.put("User", user));
    if (!config.exposedPorts().isEmpty()) {
      json.set("ExposedPorts", Json.set(config.exposedPorts()));
    }
    put(json, "Env", Optional.of(config.environment()), all);
    put(json, "Cmd", config.command(), all);
    if (!config.volumes().isEmpty()) {
      json.set("Volumes", Json.set(config.volumes()));
    } else if (all) {
      json.putNull("Volumes");
    }
    config
        .workingDirectory()
        .or(() -> all ? Optional.of("") : Optional.empty())
        .ifPresent(directory -> json.put("WorkingDir", directory));
    put(json, "Entrypoint", config.entrypoint(), all);
    put(json, "OnBuild", Optional.of(config.onBuild()), all);
    if (!config.labels().isEmpty()) {
      json.set("Labels", Json.strings(config.labels()));
    } else if (all) {
      json.putNull("Labels");
    }
    config.stopSignal().ifPresent(signal -> json.put("StopSignal", signal));
    config.shell().ifPresent(shell -> json.set("Shell", Json.strings(shell)));
    return json;
  }

  private static void put(
      ObjectNode json, String member, Optional<List<String>> values, boolean always) {
    if (values.isPresent() && !values.get().isEmpty()) {
      json.set(member, Json.strings(values.get()));
    } else if (always) {
      json.putNull(member);
    }
  }

  private static com.fasterxml.jackson.databind.JsonNode labels(ImageConfiguration config) {
    return config.labels().isEmpty()
        ? com.fasterxml.jackson.databind.node.NullNode.getInstance()
        : Json.strings(config.labels());
  }

  private static ArrayNode familiar(Collection<String> references) {
    return Json.strings(
        references.stream()
            .map(ImageReference::parse)
            .filter(reference -> reference.digest().isEmpty())
            .map(ImageReference::familiar)
            .toList());
  }

  private static ArrayNode digests(Collection<String> references) {
    return Json.strings(
        references.stream()
            .map(ImageReference::parse)
            .filter(reference -> reference.digest().isPresent())
            .map(reference -> reference.familiarName() + "@" + reference.digest().get())
            .toList());
  }

  /** The answer to a removal. */
  static ArrayNode removal(ImageRemoval removal) {
    ArrayNode answer = Json.array();
    for (String reference : removal.untagged()) {
      answer.addObject().put("Untagged", ImageReference.parse(reference).familiar());
    }
    removal.deleted().ifPresent(id -> answer.addObject().put("Deleted", id.toString()));
    return answer;
  }

  /** {@code GET /images/{name}/history}; only the last step has an id and names. */
  static ArrayNode history(ImageView view, List<HistoryEntry> steps) {
    ArrayNode answer = Json.array();
    for (HistoryEntry step : steps) {
      boolean last = answer.isEmpty();
      ObjectNode json =
          answer
              .addObject()
              .put("Comment", step.comment())
              .put("Created", step.created().map(Instant::getEpochSecond).orElse(0L))
              .put("CreatedBy", step.createdBy())
              .put("Id", last ? view.image().id().toString() : "<missing>")
              .put("Size", step.size());
      json.set("Tags", last ? familiar(view.references()) : null);
    }
    return answer;
  }
}
