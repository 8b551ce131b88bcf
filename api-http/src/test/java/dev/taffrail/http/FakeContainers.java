package dev.taffrail.http;

import dev.taffrail.core.container.ContainerEvent;
import dev.taffrail.core.container.ContainerExit;
import dev.taffrail.core.container.ContainerSpecification;
import dev.taffrail.core.container.ContainerStatus;
import dev.taffrail.core.container.ContainerView;
import dev.taffrail.core.container.Containers;
import dev.taffrail.core.container.CreateRequest;
import dev.taffrail.core.container.CreatedContainer;
import dev.taffrail.core.container.Phase;
import dev.taffrail.core.container.RestartPolicy;
import dev.taffrail.core.container.StopOrder;
import dev.taffrail.core.container.WaitCondition;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.network.AttachRequest;
import dev.taffrail.core.network.EndpointSettings;
import dev.taffrail.core.network.NetworkNames;
import dev.taffrail.core.network.Networking;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.snapshot.SnapshotKey;
import dev.taffrail.core.task.OutputFrame;
import dev.taffrail.core.task.StartedTask;
import dev.taffrail.core.task.TaskExit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Containers that run a handful of made-up commands: {@code echo WORD}, {@code fail WORD} (to
 * stderr, exit 7), {@code cat}, {@code flood BYTES}, {@code wait} (until killed) and {@code
 * broken}, which cannot be started.
 */
final class FakeContainers implements Containers {
  final List<CallContext> calls = new ArrayList<>();
  final List<CreateRequest> requests = new ArrayList<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final FakeLog log;
  private final FakeTasks tasks;
  private final FakeNetworks networks;
  private final Path directory;
  private int created;

  private static final class Entry {
    private final String id;
    private final ContainerSpecification specification;
    private final Path log;
    private final boolean autoRemove;
    private ContainerStatus status;
    private Optional<Map<String, EndpointSettings>> endpoints = Optional.empty();
    private final Map<WaitCondition, Promise<ContainerExit>> waiters = new LinkedHashMap<>();

    Entry(String id, String name, ContainerSpecification specification, Path log) {
      this.id = id;
      this.specification = specification;
      this.log = log;
      this.autoRemove = specification.autoRemove();
      this.status = ContainerStatus.created(name);
    }

    AttachRequest attachment() {
      return new AttachRequest(
          id,
          status.name(),
          specification.hostname(),
          Optional.empty(),
          false,
          wanted(),
          specification.exposedPorts(),
          specification.networking().orElseThrow());
    }

    Map<String, EndpointSettings> wanted() {
      return endpoints.orElseGet(() -> specification.networking().orElseThrow().endpoints());
    }

    Promise<ContainerExit> waiter(WaitCondition condition) {
      return waiters.computeIfAbsent(condition, absent -> Promise.promise());
    }

    void settle(WaitCondition condition, ContainerExit exit) {
      Promise<ContainerExit> waiter = waiters.remove(condition);
      if (waiter != null) {
        waiter.complete(exit);
      }
    }
  }

  FakeContainers(FakeLog log, FakeTasks tasks, FakeNetworks networks, Path directory) {
    this.log = log;
    this.tasks = tasks;
    this.networks = networks;
    this.directory = directory;
  }

  @Override
  public synchronized Future<CreatedContainer> create(CallContext call, CreateRequest request) {
    calls.add(call);
    requests.add(request);
    if (!request.image().startsWith("busybox")) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "No such image: " + request.image());
    }
    String id =
        Digest.sha256(("container " + ++created).getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .hex();
    String name = request.name().orElse("made_up_" + created);
    ContainerSpecification specification =
        new ContainerSpecification(
            request.image(),
            FakeImages.ID,
            "snapshot.overlay",
            new SnapshotKey(id),
            Instant.now(),
            id.substring(0, 12),
            Optional.empty(),
            "",
            request.attachStdin(),
            request.attachStdout(),
            request.attachStderr(),
            request.terminal(),
            request.openStdin(),
            request.stdinOnce(),
            request.environment(),
            request.entrypoint(),
            request.command(),
            "",
            request.labels(),
            request.exposedPorts(),
            Optional.empty(),
            OptionalInt.empty(),
            request.networkMode(),
            Optional.of(withEndpoints(request)),
            request.autoRemove(),
            request.restartPolicy(),
            request.readonlyRootfs(),
            request.binds(),
            request.tmpfs(),
            request.mounts(),
            request.namespaces(),
            request.resources(),
            request.nanoCpus(),
            request.security(),
            request.securityOptions(),
            request.devices(),
            request.additionalGroups(),
            request.sysctls(),
            request.sharedMemory(),
            request.oomScoreAdjust(),
            request.cgroupParent(),
            "json-file",
            request.annotations(),
            request.runtime());
    entries.put(id, new Entry(id, name, specification, directory.resolve(id)));
    log.append(ContainerEvent.subject(id), new ContainerEvent.Created(name, specification));
    return Future.succeededFuture(new CreatedContainer(id, List.of()));
  }

  /** As the real ones do, a container is on the network of its mode. */
  private static Networking withEndpoints(CreateRequest request) {
    Networking asked = request.networking();
    Map<String, EndpointSettings> endpoints = new TreeMap<>();
    if (NetworkNames.hasEndpoints(request.networkMode())) {
      endpoints.putAll(asked.endpoints());
      endpoints.putIfAbsent(request.networkMode(), EndpointSettings.NONE);
    }
    return new Networking(
        endpoints,
        asked.ports(),
        asked.publishAll(),
        asked.dns(),
        asked.dnsSearch(),
        asked.dnsOptions(),
        asked.extraHosts(),
        asked.links(),
        asked.mac());
  }

  private Entry entry(String name) {
    String bare = name.startsWith("/") ? name.substring(1) : name;
    return entries.values().stream()
        .filter(entry -> entry.id.startsWith(bare) || entry.status.name().equals(bare))
        .findFirst()
        .orElseThrow(() -> new RuntimeFailure(Kind.NOT_FOUND, "No such container: " + name));
  }

  @Override
  public synchronized Future<Void> start(CallContext call, String name) {
    Entry entry = entry(name);
    if (entry.status.isRunning()) {
      throw new RuntimeFailure(Kind.NOT_MODIFIED, "it runs");
    }
    List<String> command = entry.specification.command().orElse(List.of());
    log.append(ContainerEvent.subject(entry.id), new ContainerEvent.TaskStarting(1));
    if (NetworkNames.hasEndpoints(entry.specification.networkMode())) {
      networks.attach(call, entry.attachment());
    }
    if (command.get(0).equals("broken")) {
      String reason = "exec: \"broken\": executable file not found in $PATH: unknown";
      log.append(
          ContainerEvent.subject(entry.id),
          new ContainerEvent.TaskStartFailed(127, reason, Optional.empty()));
      networks.detach(call, entry.id);
      entry.settle(WaitCondition.NEXT_EXIT, new ContainerExit(127, reason));
      if (entry.autoRemove) {
        gone(entry, 127);
      }
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, reason);
    }
    StartedTask task = new StartedTask(4711, 1, 4710, 1, Optional.empty());
    Instant now = Instant.now();
    status(entry, Phase.RUNNING, Optional.of(task), Optional.of(now), Optional.empty(), 0, false);
    log.append(ContainerEvent.subject(entry.id), new ContainerEvent.TaskStarted(task, now));
    FakeTasks.Output output = tasks.output(entry.id);
    switch (command.get(0)) {
      case "echo" -> {
        output.begin();
        output.write(entry.log, OutputFrame.Stream.STDOUT, Buffer.buffer(command.get(1) + "\n"));
        exit(entry.id, 0);
      }
      case "fail" -> {
        output.begin();
        output.write(entry.log, OutputFrame.Stream.STDERR, Buffer.buffer(command.get(1) + "\n"));
        exit(entry.id, 7);
      }
      case "cat" -> {
        output.stdin = data -> output.write(entry.log, OutputFrame.Stream.STDOUT, data.copy());
        output.stdinEnd =
            () -> {
              output.write(entry.log, OutputFrame.Stream.STDOUT, Buffer.buffer("late\n"));
              exit(entry.id, 0);
            };
        output.begin();
      }
      case "flood" -> {
        output.begin();
        Buffer line = Buffer.buffer("x".repeat(99) + "\n");
        for (int sent = 0; sent < Integer.parseInt(command.get(1)); sent += 100) {
          synchronized (output) {
            output.frames.add(new OutputFrame(OutputFrame.Stream.STDOUT, now, line));
          }
        }
        exit(entry.id, 0);
      }
      default -> output.begin();
    }
    return Future.succeededFuture();
  }

  private static void status(
      Entry entry,
      Phase phase,
      Optional<StartedTask> task,
      Optional<Instant> started,
      Optional<Instant> finished,
      int code,
      boolean stop) {
    entry.status =
        new ContainerStatus(
            entry.status.name(),
            phase,
            1,
            java.util.OptionalLong.empty(),
            task,
            started,
            finished,
            code,
            "",
            Optional.empty(),
            stop,
            stop ? Optional.of(new StopOrder("SIGTERM", 10, false)) : Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            entry.endpoints);
  }

  /** Lets a running container end. */
  synchronized void exit(String id, int code) {
    Entry entry = entry(id);
    Instant now = Instant.now();
    status(
        entry,
        Phase.EXITED,
        Optional.empty(),
        entry.status.startedAt(),
        Optional.of(now),
        code,
        entry.status.stopRequested());
    log.append(
        ContainerEvent.subject(entry.id),
        new ContainerEvent.TaskExited(
            new TaskExit(code, now, TaskExit.Reason.EXITED),
            ContainerEvent.Learnt.LIVE,
            Optional.empty()));
    networks.detach(CallContext.component("test"), entry.id);
    tasks.output(entry.id).end();
    entry.settle(WaitCondition.NEXT_EXIT, new ContainerExit(code, ""));
    entry.settle(WaitCondition.NOT_RUNNING, new ContainerExit(code, ""));
    if (entry.autoRemove) {
      gone(entry, code);
    }
  }

  private void gone(Entry entry, int code) {
    log.append(ContainerEvent.subject(entry.id), new ContainerEvent.Removing(false));
    log.append(ContainerEvent.subject(entry.id), new ContainerEvent.Removed());
    entries.remove(entry.id);
    entry.settle(WaitCondition.REMOVED, new ContainerExit(code, ""));
  }

  @Override
  public synchronized Future<Void> stop(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    Entry entry = entry(name);
    if (!entry.status.isRunning()) {
      throw new RuntimeFailure(Kind.NOT_MODIFIED, "it does not run");
    }
    log.append(
        ContainerEvent.subject(entry.id),
        new ContainerEvent.StopRequested(signal.orElse("SIGTERM"), timeoutSeconds));
    exit(entry.id, 143);
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<Void> restart(
      CallContext call, String name, Optional<String> signal, OptionalInt timeoutSeconds) {
    return Future.failedFuture(new RuntimeFailure(Kind.UNIMPLEMENTED, "Not in this fake"));
  }

  @Override
  public Future<Void> changePolicy(CallContext call, String name, RestartPolicy policy) {
    return Future.failedFuture(new RuntimeFailure(Kind.UNIMPLEMENTED, "Not in this fake"));
  }

  @Override
  public synchronized Future<Void> connect(
      CallContext call, String name, String network, EndpointSettings settings) {
    Entry entry = entry(name);
    if (entry.status.isRunning()) {
      networks.plug(call, entry.attachment(), network, settings);
    }
    change(entry, endpoints -> endpoints.put(network, settings));
    log.append(
        ContainerEvent.subject(entry.id), new ContainerEvent.NetworkConnected(network, settings));
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<Void> disconnect(
      CallContext call, String name, String network, boolean force) {
    Entry entry = entry(name);
    if (!entry.wanted().containsKey(network)) {
      throw new RuntimeFailure(
          Kind.PERMISSION_DENIED,
          "container " + entry.id + " is not connected to network " + network);
    }
    change(entry, endpoints -> endpoints.remove(network));
    log.append(ContainerEvent.subject(entry.id), new ContainerEvent.NetworkDisconnected(network));
    return networks.unplug(call, entry.attachment(), network);
  }

  private static void change(Entry entry, Consumer<Map<String, EndpointSettings>> change) {
    Map<String, EndpointSettings> endpoints = new TreeMap<>(entry.wanted());
    change.accept(endpoints);
    entry.endpoints = Optional.of(endpoints);
    ContainerStatus was = entry.status;
    entry.status =
        new ContainerStatus(
            was.name(),
            was.phase(),
            was.run(),
            was.intent(),
            was.task(),
            was.startedAt(),
            was.finishedAt(),
            was.exitCode(),
            was.error(),
            was.exitReason(),
            was.stopRequested(),
            was.stop(),
            was.restarts(),
            was.restart(),
            was.changedPolicy(),
            entry.endpoints);
  }

  @Override
  public synchronized Future<Void> kill(CallContext call, String name, String signal) {
    Entry entry = entry(name);
    if (!entry.status.isRunning()) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "cannot kill container: " + name + ": container " + entry.id + " is not running");
    }
    log.append(
        ContainerEvent.subject(entry.id),
        new ContainerEvent.KillRequested(signal, ContainerEvent.Purpose.KILL, true));
    exit(entry.id, 137);
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<ContainerExit> await(
      CallContext call, String name, WaitCondition condition) {
    Entry entry = entry(name);
    if (condition == WaitCondition.NOT_RUNNING && !entry.status.isRunning()) {
      return Future.succeededFuture(new ContainerExit(entry.status.exitCode(), ""));
    }
    return entry.waiter(condition).future();
  }

  @Override
  public synchronized Future<Void> remove(CallContext call, String name, boolean force) {
    Entry entry = entry(name);
    if (entry.status.isRunning()) {
      if (!force) {
        throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "container is running");
      }
      exit(entry.id, 137);
    }
    if (entries.containsKey(entry.id)) {
      gone(entry, entry.status.exitCode());
    }
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<ContainerView> get(CallContext call, String name) {
    return Future.succeededFuture(view(entry(name)));
  }

  private ContainerView view(Entry entry) {
    return new ContainerView(
        entry.id,
        entry.specification,
        entry.status,
        entry.log,
        networks.endpoints(entry.id).stream()
            .map(
                endpoint ->
                    new ContainerView.Link(
                        networks.byId(endpoint.network()), endpoint, Optional.empty()))
            .toList(),
        networks.ports(entry.id));
  }

  @Override
  public Future<Long> usage(CallContext call, String name) {
    return get(call, name).map(17L);
  }

  @Override
  public synchronized Future<List<ContainerView>> list(CallContext call) {
    calls.add(call);
    List<ContainerView> newestFirst = new ArrayList<>();
    entries.values().forEach(entry -> newestFirst.add(0, view(entry)));
    return Future.succeededFuture(newestFirst);
  }

  @Override
  public Future<ContainerView> getAsOf(CallContext call, String name, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }

  @Override
  public Future<List<ContainerView>> listAsOf(CallContext call, Cursor moment) {
    throw new UnsupportedOperationException("The past is asked of a real log");
  }
}
