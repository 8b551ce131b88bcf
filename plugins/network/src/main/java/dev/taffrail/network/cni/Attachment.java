package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.network.Endpoint;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A container on a network, with all that its plugins were told when it came: they are told the
 * same when it goes, whatever has become of the list meanwhile.
 *
 * @param network id of the network
 * @param link the name of the link in the container, {@code eth0}
 * @param namespace a mount of the container's network namespace
 * @param arguments {@code CNI_ARGS}
 * @param list in one version
 * @param capabilities arguments by capability; plugins get those that they declare
 * @param result of the last plugin of ADD; absent while that has not succeeded
 */
record Attachment(
    String container,
    String network,
    String link,
    Path namespace,
    String arguments,
    ConfigurationList list,
    ObjectNode capabilities,
    Optional<ObjectNode> result) {
  Attachment {
    Objects.requireNonNull(container, "container");
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(link, "link");
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(arguments, "arguments");
    Objects.requireNonNull(list, "list");
    capabilities = capabilities.deepCopy();
    result = result.map(ObjectNode::deepCopy);
  }

  /** As that of its endpoint. */
  String key() {
    return Endpoint.key(container, network);
  }

  Attachment with(ObjectNode newResult) {
    return new Attachment(
        container, network, link, namespace, arguments, list, capabilities, Optional.of(newResult));
  }

  Attachment withCapabilities(ObjectNode others) {
    return new Attachment(container, network, link, namespace, arguments, list, others, result);
  }

  byte[] json() {
    ObjectNode json =
        CniJson.object()
            .put("container", container)
            .put("network", network)
            .put("link", link)
            .put("namespace", namespace.toString())
            .put("arguments", arguments);
    json.set("list", list.json());
    json.set("capabilities", capabilities);
    result.ifPresent(given -> json.set("result", given));
    return CniJson.bytes(json);
  }

  /** What {@link #json} wrote. */
  static Attachment parse(JsonNode json, String source) {
    return new Attachment(
        json.path("container").asText(),
        json.path("network").asText(),
        json.path("link").asText(),
        Path.of(json.path("namespace").asText()),
        json.path("arguments").asText(),
        ConfigurationList.parse(CniJson.bytes(json.path("list")), source),
        json.withObject("/capabilities"),
        json.has("result") ? Optional.of(json.withObject("/result")) : Optional.empty());
  }
}
