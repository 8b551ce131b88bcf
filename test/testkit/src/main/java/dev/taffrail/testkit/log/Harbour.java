package dev.taffrail.testkit.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.log.Committed;
import dev.taffrail.core.log.EventLog;
import dev.taffrail.core.log.EventLogs;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogSettings;
import dev.taffrail.core.log.VerifyReport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A log of harbour events in a directory, with reproducible clock and salts. */
public final class Harbour implements AutoCloseable {
  public static final EventCatalogue CATALOGUE = EventCatalogue.of(HarbourEvent.FAMILY);
  public static final Origin ORIGIN = Origin.component("test");

  private final EventLogs.Open open;

  public Harbour(EventLogs.Open open) {
    this.open = open;
  }

  public static LogSettings settings(Path directory, LogMode mode) {
    AtomicLong clock = new AtomicLong(1_700_000_000_000_000_000L);
    return new LogSettings(
        directory, mode, () -> clock.addAndGet(1_000_003), new Random(42), 256, 1000, 10);
  }

  public static Harbour open(Path directory) {
    return open(settings(directory, LogMode.DURABLE));
  }

  public static Harbour open(LogSettings settings) {
    return new Harbour(EventLogs.open(settings, CATALOGUE));
  }

  public EventLog log() {
    return open.log();
  }

  public static Subject berth(String id) {
    return Subject.of("berths", id);
  }

  /** Takes a free berth, or leaves a taken one. */
  public static Command<String> toggle(String berth, String ship) {
    return Command.request(
        ORIGIN,
        view -> {
          Optional<HarbourEvent.Berth> taken = view.find(HarbourEvent.BERTHS, berth);
          Event event =
              taken.isPresent()
                  ? new HarbourEvent.Left()
                  : new HarbourEvent.TakenV2(ship, Optional.of("tea"));
          if (taken.isEmpty() && view.find(HarbourEvent.SHIPS, ship).isPresent()) {
            throw new RuntimeFailure(Kind.ALREADY_EXISTS, ship + " has a berth");
          }
          return Decision.of(berth(berth), event).reply(event.getClass().getSimpleName());
        });
  }

  public Committed<String> take(String berth, String ship) {
    return await(toggle(berth, ship));
  }

  public <R> Committed<R> await(Command<R> command) {
    try {
      return log().submit(command).get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  public VerifyReport verify() {
    return log().verify().join();
  }

  @Override
  public void close() {
    try {
      open.closer().close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
