package dev.taffrail.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.image.Image;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Containers named {@code ship} and their image. */
public final class Samples {
  public static final Image IMAGE = image("an image");
  public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  public static final StartedTask TASK = new StartedTask(100, 1, 99, 1, Optional.empty());
  public static final TaskExit EXIT = new TaskExit(3, NOON, TaskExit.Reason.EXITED);

  private Samples() {}

  /** 64 times the same hexadecimal digit. */
  public static String id(char digit) {
    return String.valueOf(digit).repeat(64);
  }

  public static ContainerSpecification specification(String id) {
    return specification(id, "\"autoRemove\": false");
  }

  /** With {@code --rm}. */
  public static ContainerSpecification selfRemoving(String id) {
    return specification(id, "\"autoRemove\": true");
  }

  /** On the default bridge. */
  public static ContainerSpecification bridged(String id) {
    return specification(
        id,
        """
        "networkMode": "bridge",
        "networking": {"endpoints": {"bridge": {"aliases": [], "links": [], "linkLocal": [],
                                                "driverOptions": {}, "gatewayPriority": 0}},
                       "ports": [], "publishAll": false, "dns": [], "dnsSearch": [],
                       "dnsOptions": [], "extraHosts": [], "links": []}
        """);
  }

  /** With this policy, as {@code "on_failure", 3}. */
  public static ContainerSpecification restarting(String id, String mode, int retries) {
    return specification(
        id,
        "\"restartPolicy\": {\"mode\": \"%s\", \"maximumRetries\": %d}".formatted(mode, retries));
  }

  /** With members of JSON that are more, or not the default. */
  public static ContainerSpecification specification(String id, String members) {
    ObjectNode json =
        tree(
            """
            {"imageName": "busybox", "image": "%s", "snapshotter": "snapshot.overlay",
             "snapshot": "%s", "created": "2026-01-01T00:00:00Z", "hostname": "h", "user": "",
             "attachStdin": false, "attachStdout": false, "attachStderr": false,
             "terminal": false, "openStdin": false, "stdinOnce": false, "environment": [],
             "command": ["sh"], "workingDirectory": "/", "labels": {}, "exposedPorts": [],
             "networkMode": "none", "autoRemove": false, "readonlyRootfs": false, "binds": [],
             "tmpfs": {}, "mounts": [],
             "restartPolicy": {"mode": "no", "maximumRetries": 0},
             "namespaces": {"hostNetwork": false, "hostPid": false, "hostIpc": false,
                            "hostUts": false, "hostCgroup": false},
             "resources": {"ulimits": []},
             "security": {"privileged": false, "capabilitiesAdded": [],
                          "capabilitiesDropped": [], "noNewPrivileges": false},
             "securityOptions": [], "devices": [], "additionalGroups": [], "sysctls": {},
             "logDriver": "json-file", "annotations": {}}
            """
                .formatted(IMAGE.id(), id));
    json.setAll(tree("{" + members + "}"));
    return read(json.toString(), ContainerSpecification.class);
  }

  private static ObjectNode tree(String json) {
    return read(json, ObjectNode.class);
  }

  /** An image whose id is the digest of some text. */
  public static Image image(String content) {
    return read(
        """
        {"id": "%1$s",
         "manifest": {"mediaType": "m", "digest": "%1$s", "size": "1"},
         "configuration": {}, "architecture": "amd64", "operatingSystem": "linux",
         "layers": [], "diffIds": [], "chainId": "chain", "snapshotter": "snapshot.overlay",
         "size": "1", "created": "2026-01-01T00:00:00Z"}
        """
            .formatted(Digest.sha256(content.getBytes(StandardCharsets.UTF_8))),
        Image.class);
  }

  /** What happened to a container that was created, then {@code more}. */
  public static Event[] life(ContainerSpecification specification, ContainerEvent... more) {
    Event[] all = new Event[more.length + 1];
    all[0] = new ContainerEvent.Created("ship", specification);
    System.arraycopy(more, 0, all, 1, more.length);
    return all;
  }

  /** What follows until it runs. */
  public static List<ContainerEvent> running() {
    return List.of(new ContainerEvent.TaskStarting(1), new ContainerEvent.TaskStarted(TASK, NOON));
  }

  private static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }
}
