package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.testkit.daemon.BusyboxImage;
import dev.taffrail.testkit.daemon.DaemonProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A daemon that is killed again and again while clients work with it. */
final class CrashHarness implements AutoCloseable {
  /** What containers are made of. */
  static final String IMAGE = "busybox";

  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int LOG_TAIL = 6_000;
  private static final int EVENT_TAIL = 60;
  private static final int DATA_HEAD = 200;

  private final String seed;
  private final DaemonProcess daemon;
  private final Effects effects;
  private final Hold hold;
  private final LogBook log;
  private final Inspection inspection;
  private final Repairs repairs = new Repairs();
  private final ExecutorService clients =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "crash-client");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Integer> kills = new TreeMap<>();
  private int voyages;

  private CrashHarness(String seed, DaemonProcess daemon, Effects effects, Hold hold) {
    this.seed = seed;
    this.daemon = daemon;
    this.effects = effects;
    this.hold = hold;
    this.inspection = new Inspection(daemon, Invariant.ALL);
    this.log = inspection.log();
  }

  /**
   * Starts a daemon with an image.
   *
   * @param seed shown in failures
   */
  static CrashHarness start(String seed) throws IOException {
    Path directory = Files.createTempDirectory("taffrail-crash");
    Hold hold = new Hold(directory.resolve("hold"));
    Effects effects = Effects.in(directory.resolve("effects"));
    DaemonProcess daemon =
        DaemonProcess.start(
            directory,
            Map.of("TAFFRAILD_JAVA_OPTIONS", hold.option()),
            () -> {},
            "--config-file",
            effects.configuration().toString());
    try {
      daemon.docker(BusyboxImage.tar(), "import", "-", IMAGE).succeeded();
      return new CrashHarness(seed, daemon, effects, hold);
    } catch (Throwable e) {
      daemon.close();
      throw e;
    }
  }

  /** Plays a scenario with nobody dying; returns what the log has of it. */
  List<JsonNode> rehearse(Scenario scenario) throws Exception {
    return telling(
        "rehearsal of " + scenario,
        () -> {
          log.read(daemon.api());
          int before = log.events().size();
          finish(sail(List.of(scenario)));
          inspection.settle();
          log.read(daemon.api());
          return List.copyOf(log.events().subList(before, log.events().size()));
        });
  }

  /** The edge of the state table that an event is. */
  String edgeOf(JsonNode event) throws IOException {
    return Edges.of(daemon.api(), event);
  }

  /**
   * Plays scenarios side by side, kills the daemon at the moment, starts it again, checks, plays
   * them to their end, checks again. Returns the events that the dead daemon left.
   */
  List<JsonNode> kill(List<Scenario> scenarios, Moment moment) throws Exception {
    return kill(scenarios, moment, Optional.empty());
  }

  /**
   * The same for a daemon that is killed again while it recovers.
   *
   * @param again counted on from the first moment, an event; its next start is the first one
   */
  List<JsonNode> kill(List<Scenario> scenarios, Moment moment, Optional<Moment.AtEvent> again)
      throws Exception {
    return telling(
        "kill "
            + moment
            + again.map(second -> ", again " + second).orElse("")
            + " while "
            + scenarios,
        () -> {
          log.read(daemon.api());
          int before = log.events().size();
          order(moment);
          List<Future<Void>> sailing = sail(scenarios);
          awaitMoment(moment, sailing);
          daemon.kill();
          withdraw();
          if (again.isPresent()) {
            order(again.get());
            daemon.restart();
            awaitMoment(again.get(), sailing);
            daemon.kill();
            withdraw();
          }
          daemon.restart();
          inspection.settle();
          List<JsonNode> left = untilNextStart(before);
          count(moment, left);
          repairs.add();
          finish(sailing);
          inspection.settle();
          inspection.verify();
          return left;
        });
  }

  /** How often the daemon was killed, by what it had done last. */
  Map<String, Integer> kills() {
    return kills;
  }

  private List<Future<Void>> sail(List<Scenario> scenarios) {
    List<Future<Void>> sailing = new ArrayList<>();
    for (Scenario scenario : scenarios) {
      String name = "voyage-" + voyages++;
      sailing.add(clients.submit(new Voyage(scenario, name, daemon.api(), repairs)));
    }
    return sailing;
  }

  private static void finish(List<Future<Void>> sailing) throws Exception {
    for (Future<Void> voyage : sailing) {
      try {
        voyage.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError("A client failed: " + e.getCause().getMessage(), e.getCause());
      } catch (TimeoutException e) {
        throw new AssertionError("A client was not done in five minutes", e);
      }
    }
  }

  private void order(Moment moment) throws IOException {
    if (moment instanceof Moment.AtEvent event) {
      hold.order(event.durable(), log.head() + event.number());
    } else if (moment instanceof Moment.AtEffect effect) {
      effects.order(effect, daemon.handle().pid());
    }
  }

  private void withdraw() throws IOException {
    hold.withdraw();
    effects.withdraw();
  }

  // A moment that the scenarios do not have comes when they are done.
  private void awaitMoment(Moment moment, List<Future<Void>> sailing) {
    long start = System.nanoTime();
    while (!isReached(moment, System.nanoTime() - start)
        && !sailing.stream().allMatch(Future::isDone)) {
      if (System.nanoTime() - start > PATIENCE_NANOS) {
        throw new AssertionError("Neither did the moment come nor were the clients done");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private boolean isReached(Moment moment, long nanos) {
    if (moment instanceof Moment.AtEvent) {
      return hold.isReached();
    }
    return moment instanceof Moment.AtTime time
        ? nanos >= TimeUnit.MILLISECONDS.toNanos(time.millis())
        : !daemon.handle().isAlive();
  }

  private List<JsonNode> untilNextStart(int before) {
    List<JsonNode> left = new ArrayList<>();
    for (JsonNode event : log.events().subList(before, log.events().size())) {
      if (LogBook.typeOf(event).equals("daemon.started")) {
        return left;
      }
      left.add(event);
    }
    throw new AssertionError("The log has no start of the daemon after its death");
  }

  private void count(Moment moment, List<JsonNode> left) throws IOException {
    String what = "nothing";
    if (!left.isEmpty()) {
      JsonNode last = left.get(left.size() - 1);
      what =
          last.path("type").asText().startsWith(LogBook.CONTAINER)
              ? edgeOf(last)
              : LogBook.typeOf(last);
    }
    String key =
        moment instanceof Moment.AtEffect
            ? moment.toString()
            : moment instanceof Moment.AtEvent event && !event.durable()
                ? "after " + what + ", the next group not durable"
                : "after " + what;
    kills.merge(key, 1, Integer::sum);
  }

  private interface Work<T> {
    T run() throws Exception;
  }

  private <T> T telling(String what, Work<T> work) throws Exception {
    try {
      return work.run();
    } catch (IOException | AssertionError e) {
      String text = daemon.logText();
      List<JsonNode> events = log.events();
      StringBuilder tail = new StringBuilder();
      events
          .subList(Math.max(0, events.size() - EVENT_TAIL), events.size())
          .forEach(event -> tail.append(brief(event)).append('\n'));
      throw new AssertionError(
          "Seed "
              + seed
              + ", "
              + what
              + ": "
              + e.getMessage()
              + "\nThe last events:\n"
              + tail
              + "The daemon said:\n"
              + text.substring(Math.max(0, text.length() - LOG_TAIL)),
          e);
    }
  }

  private static String brief(JsonNode event) {
    String data = event.path("data").toString();
    return event.path("cursor").asText()
        + " "
        + event.path("time").asText()
        + " "
        + LogBook.typeOf(event)
        + " "
        + event.path("subject").asText()
        + " "
        + data.substring(0, Math.min(data.length(), DATA_HEAD));
  }

  @Override
  public void close() {
    clients.shutdownNow();
    daemon.close();
  }
}
