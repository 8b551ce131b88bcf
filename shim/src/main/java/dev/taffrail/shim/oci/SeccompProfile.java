package dev.taffrail.shim.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.task.SecuritySettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A seccomp profile in Docker's form: the OCI form, whose rules may also depend on architecture,
 * kernel version and capabilities ({@code includes}, {@code excludes}) and whose architectures may
 * be a map from the host's. The default one allows what that of Docker Engine 28.2 allows.
 */
final class SeccompProfile {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String DEFAULT_RESOURCE = "seccomp-default.json";
  private static final String UNCONFINED = "unconfined";
  private static final List<String> RULE_FIELDS = List.of("action", "errnoRet", "args");
  private static final List<String> COPIED =
      List.of("defaultAction", "defaultErrnoRet", "flags", "listenerPath", "listenerMetadata");
  private static final Map<String, String> ARCHITECTURES =
      Map.of(
          "amd64", "SCMP_ARCH_X86_64",
          "arm64", "SCMP_ARCH_AARCH64",
          "riscv64", "SCMP_ARCH_RISCV64",
          "s390x", "SCMP_ARCH_S390X",
          "ppc64le", "SCMP_ARCH_PPC64LE");

  private final JsonNode profile;

  private SeccompProfile(JsonNode profile) {
    this.profile = profile;
  }

  /** Empty for a container that is not confined. INVALID_ARGUMENT when it cannot be read. */
  static Optional<SeccompProfile> of(SecuritySettings security) {
    String asked = security.seccompProfile().orElse("");
    if (asked.equals(UNCONFINED) || (asked.isEmpty() && security.privileged())) {
      return Optional.empty();
    }
    return Optional.of(asked.isEmpty() || asked.equals("builtin") ? standard() : parse(asked));
  }

  static SeccompProfile standard() {
    return Holder.STANDARD;
  }

  /** Read once. */
  private static final class Holder {
    static final SeccompProfile STANDARD = load();

    private static SeccompProfile load() {
      try (InputStream resource = SeccompProfile.class.getResourceAsStream(DEFAULT_RESOURCE)) {
        return new SeccompProfile(JSON.readTree(resource));
      } catch (IOException failure) {
        throw new UncheckedIOException("Cannot read " + DEFAULT_RESOURCE, failure);
      }
    }
  }

  static SeccompProfile parse(String text) {
    try {
      JsonNode profile = JSON.readTree(text);
      if (!profile.isObject()) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "Decoding seccomp profile failed: it is not a JSON object");
      }
      return new SeccompProfile(profile);
    } catch (IOException failure) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Decoding seccomp profile failed: " + failure.getMessage(),
          failure);
    }
  }

  /** The OCI form for a container with these capabilities on this host. */
  ObjectNode resolve(List<String> capabilities, HostFacts host) {
    ObjectNode resolved = JsonNodeFactory.instance.objectNode();
    for (String field : COPIED) {
      if (profile.hasNonNull(field)) {
        resolved.set(field, profile.get(field));
      }
    }
    resolved.set("architectures", architectures(host));
    ArrayNode rules = resolved.putArray("syscalls");
    for (JsonNode rule : profile.path("syscalls")) {
      if (applies(rule, capabilities, host)) {
        rules.add(plain(rule));
      }
    }
    return resolved;
  }

  private ArrayNode architectures(HostFacts host) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    boolean listed = !profile.path("architectures").isEmpty();
    boolean mapped = !profile.path("archMap").isEmpty();
    if (listed && mapped) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "both 'architectures' and 'archMap' are specified in the seccomp profile, use either"
              + " 'architectures' or 'archMap'");
    }
    profile.path("architectures").forEach(names::add);
    for (JsonNode entry : profile.path("archMap")) {
      String name = entry.path("architecture").asText();
      if (name.equals(ARCHITECTURES.get(host.architecture()))) {
        names.add(name);
        entry.path("subArchitectures").forEach(names::add);
      }
    }
    return names;
  }

  private static boolean applies(JsonNode rule, List<String> capabilities, HostFacts host) {
    JsonNode excludes = rule.path("excludes");
    JsonNode includes = rule.path("includes");
    boolean excluded =
        contains(excludes.path("arches"), host.architecture())
            || anyOf(excludes.path("caps"), capabilities)
            || (excludes.hasNonNull("minKernel") && isAtLeast(excludes, host));
    boolean included =
        (includes.path("arches").isEmpty()
                || contains(includes.path("arches"), host.architecture()))
            && allOf(includes.path("caps"), capabilities)
            && (!includes.hasNonNull("minKernel") || isAtLeast(includes, host));
    return included && !excluded;
  }

  private static boolean isAtLeast(JsonNode condition, HostFacts host) {
    String version = condition.path("minKernel").asText();
    try {
      return host.kernel().isAtLeast(HostFacts.KernelVersion.parse(version));
    } catch (IllegalArgumentException malformed) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "Bad minKernel in the seccomp profile: " + version, malformed);
    }
  }

  private static boolean contains(JsonNode list, String value) {
    for (JsonNode element : list) {
      if (element.asText().equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyOf(JsonNode list, List<String> values) {
    for (JsonNode element : list) {
      if (values.contains(element.asText())) {
        return true;
      }
    }
    return false;
  }

  private static boolean allOf(JsonNode list, List<String> values) {
    for (JsonNode element : list) {
      if (!values.contains(element.asText())) {
        return false;
      }
    }
    return true;
  }

  private static ObjectNode plain(JsonNode rule) {
    ObjectNode plain = JsonNodeFactory.instance.objectNode();
    ArrayNode names = plain.putArray("names");
    if (rule.hasNonNull("name")) {
      if (!rule.path("names").isEmpty()) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT,
            "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or"
                + " 'names'");
      }
      names.add(rule.get("name"));
    }
    rule.path("names").forEach(names::add);
    for (String field : RULE_FIELDS) {
      if (rule.hasNonNull(field) && !(rule.get(field).isArray() && rule.get(field).isEmpty())) {
        plain.set(field, rule.get(field));
      }
    }
    return plain;
  }
}
