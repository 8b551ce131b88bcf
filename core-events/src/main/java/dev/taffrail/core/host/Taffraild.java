package dev.taffrail.core.host;

import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogSettings;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The daemon's command line. It names no plugin: they are whatever the class path holds. */
@Command(
    name = "taffraild",
    description = "A container runtime daemon that keeps a ship's log.",
    versionProvider = BuildVersion.class,
    exitCodeOnInvalidInput = 1,
    sortOptions = false)
public final class Taffraild implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Taffraild.class);

  private final LogOpener opener;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile DaemonConfiguration configuration;

  @Option(
      names = {"-H", "--host"},
      paramLabel = "URL",
      description =
          "Where to listen; may be repeated (default: unix:///run/taffrail/taffrail.sock)")
  private List<String> hosts;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description = "Durable data (default: /var/lib/taffrail)")
  private String dataRoot;

  @Option(
      names = "--exec-root",
      paramLabel = "DIR",
      description = "Run-time files, on tmpfs (default: /run/taffrail)")
  private String execRoot;

  @Option(
      names = {"-p", "--pidfile"},
      paramLabel = "FILE",
      description = "Holds the daemon's pid (default: taffraild.pid in the exec root)")
  private String pidFile;

  @Option(
      names = "--config-file",
      paramLabel = "FILE",
      description = "Configuration (default: /etc/taffrail/daemon.json, which may be missing)")
  private Path configurationFile;

  @Option(
      names = {"-G", "--group"},
      paramLabel = "GROUP",
      description = "Owns the unix socket (default: docker, if there is such a group)")
  private String group;

  @Option(
      names = {"-D", "--debug"},
      description = "Log at the level debug")
  private boolean debug;

  @Option(
      names = {"-l", "--log-level"},
      paramLabel = "LEVEL",
      description = "trace, debug, info, warn or error (default: info)")
  private String logLevel;

  @Option(
      names = "--log-mode",
      paramLabel = "MODE",
      description =
          "Of the event log. durable: a reply means that its events are on disk. relaxed: they may"
              + " be lost when the host dies (default: durable)")
  private String logMode;

  @Mixin private final NetworkFlags network = new NetworkFlags();

  @Option(names = "--validate", description = "Check the configuration and exit")
  private boolean validate;

  @Option(
      names = {"-v", "--version"},
      versionHelp = true,
      description = "Print the version and exit")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean version;

  @Option(names = "--help", usageHelp = true, description = "Print this help and exit")
  @SuppressWarnings("unused") // picocli acts on it
  private boolean help;

  Taffraild(LogOpener opener) {
    this.opener = opener;
  }

  public static void main(String... arguments) {
    System.exit(run(Taffraild::openLog, arguments));
  }

  private static LogOpener.OpenLog openLog(LogSettings settings, EventCatalogue catalogue) {
    EventLogs.Open open = EventLogs.open(settings, catalogue);
    return new LogOpener.OpenLog(open.log(), open.closer());
  }

  /** Runs until SIGTERM or SIGINT; exit code 0 then, 1 when the start failed. */
  static int run(LogOpener opener, String... arguments) {
    return new CommandLine(new Taffraild(opener))
        .setExecutionExceptionHandler((e, command, parsed) -> fail(e, command))
        .execute(arguments);
  }

  private static int fail(Exception e, CommandLine command) {
    if (e instanceof RuntimeFailure) {
      command.getErr().println("failed to start daemon: " + e.getMessage());
    } else {
      LOG.error("failed to start daemon", e);
    }
    return 1;
  }

  @Override
  public Integer call() throws InterruptedException {
    configuration = DaemonConfiguration.load(flags());
    if (validate) {
      System.err.println("configuration OK");
      return 0;
    }
    configuration.logLevel().apply();
    Signals.handle("TERM", () -> requestStop("SIGTERM"));
    Signals.handle("INT", () -> requestStop("SIGINT"));
    Signals.handle("HUP", this::reload);
    ClassLoader loader = Taffraild.class.getClassLoader();
    Daemon daemon =
        Daemon.start(
            configuration,
            opener,
            PluginDiscovery.discover(loader, configuration.policy().startTimeout()),
            () -> stop.getCount() == 0);
    try {
      stop.await();
      LOG.info("Taffrail stops; containers run on");
    } finally {
      daemon.close();
    }
    LOG.info("Taffrail has stopped");
    return 0;
  }

  private void requestStop(String signal) {
    LOG.info("Received {}", signal);
    stop.countDown();
  }

  /** On the JVM's signal thread, so two reloads do not overlap. */
  private void reload() {
    DaemonConfiguration before = configuration;
    DaemonConfiguration after;
    try {
      after = DaemonConfiguration.load(flags());
    } catch (RuntimeException e) {
      LOG.error("Received SIGHUP, but {}; nothing was changed", Failures.describe(e));
      return;
    }
    Set<String> changed = new TreeSet<>(before.changedKeys(after));
    if (changed.isEmpty()) {
      LOG.info("Received SIGHUP; {} has not changed", after.settings().configurationFile());
      return;
    }
    Set<String> applied = Set.of(ConfigurationKey.DEBUG.text(), ConfigurationKey.LOG_LEVEL.text());
    for (String key : changed) {
      LOG.info(
          "Received SIGHUP; {} has changed: {}",
          key,
          applied.contains(key) ? "applied" : "it needs a restart");
    }
    after.logLevel().apply();
    configuration = after;
  }

  private DaemonConfiguration.Flags flags() {
    Map<ConfigurationKey, Object> given = new EnumMap<>(ConfigurationKey.class);
    put(given, ConfigurationKey.HOSTS, hosts);
    put(given, ConfigurationKey.DATA_ROOT, dataRoot);
    put(given, ConfigurationKey.EXEC_ROOT, execRoot);
    put(given, ConfigurationKey.PIDFILE, pidFile);
    put(given, ConfigurationKey.GROUP, group);
    put(given, ConfigurationKey.LOG_LEVEL, logLevel);
    put(given, ConfigurationKey.LOG_MODE, logMode);
    if (debug) {
      given.put(ConfigurationKey.DEBUG, true);
    }
    given.putAll(network.given());
    return new DaemonConfiguration.Flags(Optional.ofNullable(configurationFile), given);
  }

  private static void put(Map<ConfigurationKey, Object> given, ConfigurationKey key, Object value) {
    if (value != null) {
      given.put(key, value);
    }
  }
}
