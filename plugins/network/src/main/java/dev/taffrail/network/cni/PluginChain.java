package dev.taffrail.network.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out operations by the plugins of a list, one after another: section 3 of the
 * specification. Failures name the plugin. Confined to the plugin's context.
 */
final class PluginChain {
  private static final Logger LOG = LoggerFactory.getLogger(PluginChain.class);
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final String VERSION = "cniVersion";
  private static final String PREVIOUS = "prevResult";

  private final PluginPrograms programs;
  private final PluginProcesses processes;

  PluginChain(PluginPrograms programs, PluginProcesses processes) {
    this.programs = programs;
    this.processes = processes;
  }

  /** How long one call of one plugin may take; asked before each. */
  interface Patience extends Supplier<Duration> {}

  /**
   * ADD: all plugins, each with the result of the one before it.
   *
   * @return the result of the last
   */
  Future<ObjectNode> add(Attachment attachment, Patience patience) {
    Future<Optional<ObjectNode>> done = Future.succeededFuture(Optional.empty());
    for (ObjectNode plugin : attachment.list().plugins()) {
      done =
          done.compose(previous -> add(attachment, plugin, previous, patience).map(Optional::of));
    }
    return done.map(Optional::orElseThrow);
  }

  /** ADD: those plugins of an attachment that are {@code meant}, with its result. */
  Future<ObjectNode> addAgain(
      Attachment attachment, Predicate<ObjectNode> meant, Patience patience) {
    Future<ObjectNode> done = Future.succeededFuture(attachment.result().orElseThrow());
    for (ObjectNode plugin : attachment.list().plugins()) {
      if (meant.test(plugin)) {
        done = done.compose(previous -> add(attachment, plugin, Optional.of(previous), patience));
      }
    }
    return done;
  }

  private Future<ObjectNode> add(
      Attachment attachment, ObjectNode plugin, Optional<ObjectNode> previous, Patience patience) {
    ObjectNode request = request(attachment, plugin);
    previous.ifPresent(result -> request.set(PREVIOUS, result));
    String call = call(attachment.list(), plugin, "ADD");
    return run(call, plugin, environment(attachment, "ADD"), request, patience)
        .map(output -> result(call, attachment.list(), output));
  }

  private static ObjectNode result(
      String call, ConfigurationList list, PluginProcesses.Output output) {
    JsonNode result;
    try {
      result = CniJson.MAPPER.readTree(output.text());
    } catch (IOException e) {
      throw new RuntimeFailure(Kind.INTERNAL, call + " printed no result: " + e.getMessage(), e);
    }
    if (!result.isObject()) {
      throw new RuntimeFailure(Kind.INTERNAL, call + " printed no result");
    }
    ObjectNode whole = (ObjectNode) result;
    if (!whole.hasNonNull(VERSION)) {
      whole.put(VERSION, list.version().toString());
    }
    return whole;
  }

  /**
   * DEL: all plugins in reverse, up to the first that fails. A second one finds nothing and is
   * fine.
   *
   * @param namespace absent once it is gone
   */
  Future<Void> delete(Attachment attachment, Optional<Path> namespace, Patience patience) {
    return delete(attachment, plugin -> true, namespace, patience);
  }

  /** DEL: those plugins that are {@code meant}. */
  Future<Void> delete(
      Attachment attachment,
      Predicate<ObjectNode> meant,
      Optional<Path> namespace,
      Patience patience) {
    List<ObjectNode> plugins = new ArrayList<>(attachment.list().plugins());
    Collections.reverse(plugins);
    Map<String, String> environment = environment(attachment, "DEL");
    environment.remove("CNI_NETNS");
    namespace.ifPresent(path -> environment.put("CNI_NETNS", path.toString()));
    return each(
        plugins.stream().filter(meant).toList(),
        plugin -> {
          ObjectNode request = withResult(attachment, plugin);
          String call = call(attachment.list(), plugin, "DEL");
          return attempt(call, plugin, environment, request, patience)
              .compose(
                  output ->
                      output.succeeded() || PluginFailure.isUnknownContainer(output)
                          ? Future.succeededFuture()
                          : Future.failedFuture(PluginFailure.of(call, output)));
        });
  }

  private static ObjectNode withResult(Attachment attachment, ObjectNode plugin) {
    ObjectNode request = request(attachment, plugin);
    if (attachment.list().version().hasCheck()) {
      attachment.result().ifPresent(result -> request.set(PREVIOUS, result));
    }
    return request;
  }

  /** CHECK, where the list has it and wants it, up to the first plugin that finds a fault. */
  Future<Void> check(Attachment attachment, Patience patience) {
    ConfigurationList list = attachment.list();
    if (!list.version().hasCheck() || list.disableCheck()) {
      return Future.succeededFuture();
    }
    return each(
        list.plugins(),
        plugin ->
            run(
                    call(list, plugin, "CHECK"),
                    plugin,
                    environment(attachment, "CHECK"),
                    withResult(attachment, plugin),
                    patience)
                .mapEmpty());
  }

  /** An attachment that a network still has. */
  record Valid(String container, String link) {}

  /**
   * GC, where the list has it and wants it: whatever belongs to none of {@code valid} goes. All
   * plugins are called; failures are logged. Nothing else may be under way on the network.
   */
  Future<Void> collect(ConfigurationList list, List<Valid> valid, Patience patience) {
    if (!list.version().hasUpkeep() || list.disableGc()) {
      return Future.succeededFuture();
    }
    return each(
        list.plugins(),
        plugin -> {
          ObjectNode request = request(list, plugin);
          ArrayNode attachments = request.putArray("cni.dev/valid-attachments");
          valid.forEach(
              each ->
                  attachments
                      .addObject()
                      .put("containerID", each.container())
                      .put("ifname", each.link()));
          return run(call(list, plugin, "GC"), plugin, environment("GC"), request, patience)
              .<Void>mapEmpty()
              .recover(
                  cause -> {
                    LOG.warn("{}", cause.getMessage());
                    return Future.succeededFuture();
                  });
        });
  }

  /** STATUS, where the list has it: fails with what keeps a plugin from its work. */
  Future<Void> status(ConfigurationList list, Patience patience) {
    if (!list.version().hasUpkeep()) {
      return Future.succeededFuture();
    }
    return each(
        list.plugins(),
        plugin ->
            run(
                    call(list, plugin, "STATUS"),
                    plugin,
                    environment("STATUS"),
                    request(list, plugin),
                    patience)
                .mapEmpty());
  }

  /**
   * VERSION: the list in the highest of its versions that all its plugins have. INVALID_ARGUMENT
   * when there is none, or a plugin is not there.
   */
  Future<ConfigurationList> negotiate(ConfigurationList list, Patience patience) {
    List<CniVersion> common = new ArrayList<>(list.versions());
    return each(
            List.copyOf(list.types()),
            type ->
                versions(list, type, patience)
                    .compose(
                        supported -> {
                          common.removeIf(version -> !supported.contains(version.toString()));
                          return common.isEmpty()
                              ? Future.failedFuture(
                                  new RuntimeFailure(
                                      Kind.INVALID_ARGUMENT,
                                      "CNI plugin \""
                                          + type
                                          + "\" has the versions "
                                          + String.join(", ", supported)
                                          + ", and not "
                                          + list.version()
                                          + " as the network "
                                          + list.name()
                                          + " wants it"))
                              : Future.succeededFuture();
                        }))
        .map(asked -> list.in(common.stream().max(CniVersion::compareTo).orElseThrow()));
  }

  private Future<List<String>> versions(ConfigurationList list, String type, Patience patience) {
    ObjectNode request = CniJson.object().put(VERSION, list.version().toString());
    Map<String, String> environment = environment("VERSION");
    // Plugins of before 0.4.0 want something there.
    for (String name : List.of("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME")) {
      environment.put(name, "dummy");
    }
    String call = "CNI plugin \"" + type + "\" (VERSION)";
    return attempt(call, CniJson.object().put("type", type), environment, request, patience)
        .map(
            output -> {
              if (!output.succeeded()) {
                throw PluginFailure.of(call, output);
              }
              return CniJson.texts(result(call, list, output).path("supportedVersions"));
            });
  }

  private static String call(ConfigurationList list, ObjectNode plugin, String command) {
    return "CNI plugin \""
        + ConfigurationList.type(plugin)
        + "\" ("
        + command
        + " on network "
        + list.name()
        + ")";
  }

  private static <T> Future<Void> each(List<T> all, Function<T, Future<Void>> action) {
    Future<Void> done = Future.succeededFuture();
    for (T one : all) {
      done = done.compose(before -> action.apply(one));
    }
    return done;
  }

  private Future<PluginProcesses.Output> run(
      String call,
      ObjectNode plugin,
      Map<String, String> environment,
      ObjectNode request,
      Patience patience) {
    return attempt(call, plugin, environment, request, patience)
        .compose(
            output ->
                output.succeeded()
                    ? Future.succeededFuture(output)
                    : Future.failedFuture(PluginFailure.of(call, output)));
  }

  private Future<PluginProcesses.Output> attempt(
      String call,
      ObjectNode plugin,
      Map<String, String> environment,
      ObjectNode request,
      Patience patience) {
    return processes.run(
        call,
        () -> programs.find(ConfigurationList.type(plugin)),
        environment,
        CniJson.bytes(request),
        patience.get());
  }

  private Map<String, String> environment(String command) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", PATH);
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_PATH", programs.path());
    return environment;
  }

  private Map<String, String> environment(Attachment attachment, String command) {
    Map<String, String> environment = environment(command);
    environment.put("CNI_CONTAINERID", attachment.container());
    environment.put("CNI_NETNS", attachment.namespace().toString());
    environment.put("CNI_IFNAME", attachment.link());
    environment.put("CNI_ARGS", attachment.arguments());
    return environment;
  }

  /** What every call gives a plugin: its own configuration under the list's name and version. */
  private static ObjectNode request(ConfigurationList list, ObjectNode plugin) {
    ObjectNode request = plugin.deepCopy();
    request.remove(List.of("capabilities", "runtimeConfig", PREVIOUS));
    List<String> reserved = new ArrayList<>();
    request
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (name.startsWith("cni.dev/")) {
                reserved.add(name);
              }
            });
    request.remove(reserved);
    return request.put(VERSION, list.version().toString()).put("name", list.name());
  }

  private static ObjectNode request(Attachment attachment, ObjectNode plugin) {
    ObjectNode request = request(attachment.list(), plugin);
    ObjectNode arguments = CniJson.object();
    attachment
        .capabilities()
        .properties()
        .forEach(
            argument -> {
              if (ConfigurationList.isCapable(plugin, argument.getKey())) {
                arguments.set(argument.getKey(), argument.getValue());
              }
            });
    if (!arguments.isEmpty()) {
      request.set("runtimeConfig", arguments);
    }
    return request;
  }
}
