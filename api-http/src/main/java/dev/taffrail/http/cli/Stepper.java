package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.ObjectWriter;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.event.Row;
import dev.taffrail.core.event.StateView;
import dev.taffrail.core.event.Table;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.ReadableLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Goes through a log as whoever types, or a script on standard input, says. */
final class Stepper {
  private static final List<String> HELP =
      List.of(
          "n [COUNT]        next event, or several (also: an empty line)",
          "p [COUNT]        back by one event, or several",
          "g MOMENT         go to a cursor, sequence, time, oldest or head (also: the moment alone)",
          "u PREDICATE      go on until it holds",
          "c                go on to the end",
          "d                the last event again, and what it changed",
          "e                the last event in full, as JSON",
          "s                the tables of the state, and how many rows they have",
          "s TABLE          its rows",
          "s TABLE/ID       one row; a beginning of the id will do",
          "v EXPRESSION     its value here",
          "w EXPRESSION     watch it; w alone lists what is watched",
          "q                quit");

  private final TaffrailCommand command;
  private final ReadableLog log;
  private final Player player;
  private final PrintWriter out;
  private final boolean person;
  private boolean failed;

  Stepper(TaffrailCommand command, ReadableLog log, Player player) {
    this.command = command;
    this.log = log;
    this.player = player;
    this.out = command.terminal().out();
    this.person = command.terminal().inIsTerminal();
  }

  /** Reads commands to the end of the input; false when one of them failed. */
  boolean run() {
    String line = read();
    while (line != null && !line.strip().equals("q")) {
      try {
        obey(line.strip());
      } catch (RuntimeFailure e) {
        out.flush();
        command.terminal().err().println("taffrail: " + e.getMessage());
        failed = true;
      }
      line = read();
    }
    return person || !failed;
  }

  private String read() {
    if (person) {
      out.print(command.paint(Style.CURSOR, player.playback().cursor() + "> "));
    }
    out.flush();
    try {
      String line = command.terminal().in().readLine();
      if (line == null && person) {
        out.println();
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void obey(String line) {
    String[] words = line.split("\\s+", 2);
    String argument = words.length > 1 ? words[1].strip() : "";
    switch (words[0]) {
      case "", "n" -> forward(count(argument));
      case "p" -> back(count(argument));
      case "g" -> goTo(argument);
      case "u" -> until(argument);
      case "c" -> player.go(Optional.empty());
      case "d" -> last().ifPresent(player.output()::step);
      case "e" -> last().ifPresent(step -> out.println(pretty(step)));
      case "s" -> state(argument);
      case "v" -> out.println(value(argument));
      case "w" -> watch(argument);
      case "h", "?" -> HELP.forEach(out::println);
      default -> other(line);
    }
  }

  private void other(String line) {
    if (!line.matches("[0-9].*|head|oldest")) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a command: " + line + " (h for help)");
    }
    goTo(line);
  }

  private static long count(String text) {
    if (text.isEmpty()) {
      return 1;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Not a number of events: " + text);
    }
    return Long.parseLong(text);
  }

  private void forward(long count) {
    for (long i = 0; i < count; i++) {
      if (!player.forward()) {
        out.println("at the end, " + player.playback().cursor());
        return;
      }
    }
  }

  private void back(long count) {
    for (long i = 0; i < count; i++) {
      if (!player.back()) {
        out.println("at the oldest moment, " + player.playback().cursor());
        return;
      }
    }
  }

  private void goTo(String moment) {
    player.playback().seek(log.moment(moment));
    last().ifPresent(player.output()::step);
    player.output().watches(player.watches(), player.scope(), player.playback().cursor());
  }

  private void until(String predicate) {
    if (!player.go(Optional.of(Expression.compile(predicate)))) {
      out.println("at the end, " + player.playback().cursor() + ": it did not hold");
    }
  }

  private Optional<Playback.Step> last() {
    Optional<Playback.Step> last = player.playback().here();
    if (last.isEmpty()) {
      out.println("before the first event");
    }
    return last;
  }

  private String pretty(Playback.Step step) {
    return pretty(player.output().json(step).get("event"));
  }

  private static String pretty(Object value) {
    ObjectWriter writer = EventJson.mapper().writerWithDefaultPrettyPrinter();
    try {
      return writer.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String value(String text) {
    return Expression.compile(text)
        .evaluate(player.scope())
        .map(Object::toString)
        .orElse("(not there)");
  }

  private void watch(String text) {
    if (!text.isEmpty()) {
      player.watches().add(new Watch(Expression.compile(text)));
    }
    for (Watch watch : player.watches()) {
      boolean changed = watch.changed(player.scope());
      if (text.isEmpty() || changed) {
        player.output().watch(watch, player.playback().cursor());
      }
    }
  }

  private void state(String what) {
    StateView state = player.playback().state();
    if (what.isEmpty()) {
      for (Table<?> table : player.catalogue().tables()) {
        out.println(table.name() + " " + state.listAll(table).size());
      }
      return;
    }
    String[] parts = what.split("/", 2);
    Table<?> table =
        player
            .catalogue()
            .table(parts[0])
            .orElseThrow(
                () -> new RuntimeFailure(Kind.NOT_FOUND, "The state has no table " + parts[0]));
    String prefix = parts.length > 1 ? parts[1] : "";
    List<? extends Row<?>> rows =
        state.listAll(table).stream().filter(row -> row.id().startsWith(prefix)).toList();
    if (rows.isEmpty()) {
      out.println("no such row");
    }
    for (Row<?> row : rows) {
      Object value = EventJson.mapper().valueToTree(row.value());
      out.println(
          command.paint(Style.HEADING, row.id())
              + " "
              + (parts.length > 1 ? pretty(value) : value));
    }
  }
}
