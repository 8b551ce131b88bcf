package dev.taffrail.core.host;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.LogInfo;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.plugin.DaemonSettings;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.core.plugin.PluginStatus.State;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a running daemon holds, acquired step by step and given back in reverse, whether the
 * start fails midway or a signal ends it. Containers are not among it: they run on.
 */
final class Daemon implements AutoCloseable {
  private static final int WORKERS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final int WAIT_SECONDS = 10;
  private static final int QUEUE_CAPACITY = 4096;
  private static final int MAX_LAG = 65_536;
  private static final int BOOKMARK_INTERVAL = 1000;

  /** Below the data root. */
  private static final String LOG_DIRECTORY = "log";

  private final Deque<Step> steps = new ArrayDeque<>();

  /** One correlation from the start to the stop. */
  private final Origin origin = Origin.component("daemon");

  private Daemon() {}

  /** Something to give back. */
  private record Step(String name, AutoCloseable undo) {}

  /**
   * Starts a daemon. When it throws, all is undone.
   *
   * @param found plugins
   * @param giveUp true once a signal has asked for the end; plugins not started yet are left out
   */
  static Daemon start(
      DaemonConfiguration configuration,
      LogOpener opener,
      PluginDiscovery.Found found,
      BooleanSupplier giveUp) {
    Daemon daemon = new Daemon();
    try {
      daemon.open(configuration, opener, found, giveUp);
      return daemon;
    } catch (Throwable e) {
      daemon.close();
      throw e;
    }
  }

  private void open(
      DaemonConfiguration configuration,
      LogOpener opener,
      PluginDiscovery.Found found,
      BooleanSupplier giveUp) {
    DaemonSettings settings = configuration.settings();
    LOG.info(
        "Taffrail {} starts as process {}: data in {}, run-time files in {}",
        settings.version(),
        ProcessHandle.current().pid(),
        settings.dataRoot(),
        settings.execRoot());
    Directories.create(settings.dataRoot(), Directories.PASSABLE);
    Directories.create(settings.execRoot(), Directories.PASSABLE);
    undo("lock of the data root", DataRootLock.acquire(settings.dataRoot()));
    settings.pidFile().ifPresent(file -> undo("pidfile", PidFile.write(file)));
    EventLog log = openLog(configuration, opener);
    long started = announce(log, settings);
    undo("announcement", () -> announceStop(log, started));
    Vertx vertx = Vertx.vertx(vertxOptions());
    undo("Vert.x", () -> vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS));
    IdleCollection idle = IdleCollection.ofThisProcess();
    vertx.setPeriodic(
        IdleCollection.INTERVAL_MILLIS,
        timer ->
            vertx.executeBlocking(
                () -> {
                  idle.look();
                  return null;
                }));
    PluginHost host = new PluginHost(vertx, log, settings, configuration.policy());
    undo("plugins", host::stop);
    host.start(found, giveUp);
    report(host.plugins());
  }

  private EventLog openLog(DaemonConfiguration configuration, LogOpener opener) {
    Path directory = configuration.settings().dataRoot().resolve(LOG_DIRECTORY);
    Directories.create(directory, Directories.PRIVATE);
    LogOpener.OpenLog opened =
        opener.open(
            new LogSettings(
                directory,
                configuration.logMode(),
                Daemon::epochNanos,
                new SecureRandom(),
                QUEUE_CAPACITY,
                MAX_LAG,
                BOOKMARK_INTERVAL,
                configuration.retention(),
                configuration.diskReserve()),
            Families.catalogue());
    undo("event log", opened.closer());
    LogInfo info = opened.log().info();
    LOG.info(
        "Event log {} is open at {}, {}",
        info.logId(),
        info.head(),
        info.mode().name().toLowerCase(Locale.ROOT));
    info.salvage().ifPresent(loss -> LOG.warn("The event log was salvaged: {}", loss));
    return opened.log();
  }

  private static long epochNanos() {
    Instant now = Instant.now();
    return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
  }

  private static VertxOptions vertxOptions() {
    // A bus call costs 1 us on one event loop and 50 us between two, and loops only route; so few.
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setEventLoopPoolSize(loops)
        // Each thread costs 100 KB, used or not; plugins that wait for long have threads of their
        // own.
        .setWorkerPoolSize(WORKERS)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  /** Returns the sequence of the event, the cause of the one that tells of the stop. */
  private long announce(EventLog log, DaemonSettings settings) {
    DaemonEvent.Started started =
        new DaemonEvent.Started(
            settings.version(),
            Math.toIntExact(ProcessHandle.current().pid()),
            System.getProperty("os.version"));
    // On a full disk as well; and room for the stop is reserved, so a full queue cannot refuse it.
    return commit(
            log, Command.request(origin, view -> decide(started)).relieving().reservingOutcomes(1))
        .firstSequence();
  }

  private void announceStop(EventLog log, long started) {
    commit(log, Command.outcome(origin, started, view -> decide(new DaemonEvent.Stopped())));
  }

  private static Decision<Void> decide(Event event) {
    return Decision.of(DaemonEvent.SUBJECT, event);
  }

  private static Committed<Void> commit(EventLog log, Command<Void> command) {
    try {
      return log.submit(command).get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw Failures.ofCall(e, "writing to the event log");
    } catch (TimeoutException e) {
      throw new RuntimeFailure(
          Kind.OUTCOME_UNKNOWN, "The event log did not answer in " + WAIT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Kind.ABORTED, "Interrupted while writing to the event log", e);
    }
  }

  private static void report(List<PluginStatus> plugins) {
    for (PluginStatus plugin : plugins) {
      String state = plugin.state().name().toLowerCase(Locale.ROOT);
      String reason = plugin.error().map(error -> ": " + error).orElse("");
      if (plugin.state() == State.FAILED) {
        LOG.warn("Plugin {} ({}) is {}{}", plugin.id(), plugin.type(), state, reason);
      } else {
        LOG.info("Plugin {} ({}) is {}{}", plugin.id(), plugin.type(), state, reason);
      }
    }
    long running = plugins.stream().filter(plugin -> plugin.state() == State.RUNNING).count();
    if (plugins.isEmpty()) {
      LOG.info("Taffrail runs without plugins: none are installed, so nobody listens");
    } else {
      LOG.info("Taffrail runs with {} of {} plugins", running, plugins.size());
    }
  }

  private void undo(String name, AutoCloseable step) {
    steps.push(new Step(name, step));
  }

  /** Gives everything back; what fails is logged, and the rest goes on. Idempotent. */
  @Override
  public void close() {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.undo().close();
      } catch (Exception e) {
        LOG.warn("Stopping: {} failed: {}", step.name(), Failures.describe(e), e);
      }
    }
  }
}
