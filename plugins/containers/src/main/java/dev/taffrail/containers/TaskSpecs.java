package dev.taffrail.containers;

import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.linux.Mount;
import dev.taffrail.core.network.Sandbox;
import dev.taffrail.core.task.TaskSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a task needs, from a container's specification, with the defaults that Docker has. */
final class TaskSpecs {
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final long SHARED_MEMORY = 64L << 20;

  private TaskSpecs() {}

  static TaskSpec of(
      String id,
      ContainerSpecification specification,
      HostName name,
      List<Mount> rootfs,
      Optional<Sandbox> sandbox,
      Path log) {
    return new TaskSpec(
        id,
        rootfs,
        specification.readonlyRootfs(),
        arguments(specification),
        environment(
            specification, name.hostname(), sandbox.map(Sandbox::variables).orElse(List.of())),
        specification.workingDirectory().isEmpty() ? "/" : specification.workingDirectory(),
        specification.user(),
        specification.additionalGroups(),
        specification.terminal(),
        specification.openStdin(),
        specification.stdinOnce(),
        name.hostname(),
        name.domainname(),
        sandbox,
        specification.mounts(),
        specification.namespaces(),
        specification.resources(),
        specification.security(),
        specification.devices(),
        specification.sysctls(),
        specification.sharedMemory().orElse(SHARED_MEMORY),
        specification.oomScoreAdjust(),
        specification.cgroupParent(),
        specification.annotations(),
        specification.shim(),
        log);
  }

  private static List<String> arguments(ContainerSpecification specification) {
    List<String> arguments = new ArrayList<>(specification.entrypoint().orElse(List.of()));
    arguments.addAll(specification.command().orElse(List.of()));
    return arguments;
  }

  // A variable without a value takes the default of that name away.
  private static List<String> environment(
      ContainerSpecification specification, String hostname, List<String> linked) {
    Map<String, String> variables = new LinkedHashMap<>();
    put(variables, PATH);
    put(variables, "HOSTNAME=" + hostname);
    if (specification.terminal()) {
      put(variables, "TERM=xterm");
    }
    linked.forEach(variable -> put(variables, variable));
    for (String variable : specification.environment()) {
      if (variable.indexOf('=') < 0) {
        variables.remove(variable);
      } else {
        put(variables, variable);
      }
    }
    return List.copyOf(variables.values());
  }

  private static void put(Map<String, String> variables, String variable) {
    variables.put(variable.substring(0, variable.indexOf('=')), variable);
  }
}
