package dev.taffrail.core.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container that is about to run.
 *
 * @param name without a leading slash
 * @param endpoints by network, a name or an id; none for a container without links of its own
 * @param exposedPorts {@code 80/tcp}
 * @param networking its ports and names; {@code endpoints} stand for those in it
 */
public record AttachRequest(
    String container,
    String name,
    String hostname,
    Optional<String> domainname,
    boolean hostNetwork,
    Map<String, EndpointSettings> endpoints,
    List<String> exposedPorts,
    Networking networking) {}
