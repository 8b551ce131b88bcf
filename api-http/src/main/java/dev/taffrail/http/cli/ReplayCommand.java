package dev.taffrail.http.cli;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.ReadableLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail replay}. */
@Command(
    name = "replay",
    description = {
      "Folds the events of the log again, with the daemon's own appliers, and prints each event and",
      "what it changed in the state. Nothing is written anywhere.",
      "",
      "A moment is a cursor (1-42), a sequence (42), a time (2026-01-31T03:12:00Z), oldest or head.",
      "Expressions are CEL. They know event (.type, .subject, .data, .actor, ...), state (table -> id",
      "-> row), before (the state before the event), named (container name -> status) and system",
      "(rows of the kernel). What is not there makes a predicate false and a watched value absent."
    },
    sortOptions = false,
    footer = {
      "",
      "Exit code 1 when --until never held, or when a command of --step failed.",
      "",
      "Examples:",
      "  taffrail replay --to 1-42",
      "  taffrail replay --quiet --watch named.web.phase --watch 'state.containers.size()'",
      "  taffrail replay --until 'named.web.exitCode == 137' --quiet",
      "  taffrail replay --from 2026-01-31T03:12:00Z --step",
      "  printf 'n\\ns containers\\np\\n' | taffrail replay --data-root /var/lib/taffrail --step"
    })
final class ReplayCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Mixin private LogOptions log;
  @Mixin private FilterOptions shown;

  @Option(names = "--from", paramLabel = "MOMENT", description = "Start here (default: oldest)")
  private String from = "oldest";

  @Option(names = "--to", paramLabel = "MOMENT", description = "Stop here (default: head)")
  private String to = "head";

  @Option(
      names = "--until",
      paramLabel = "PREDICATE",
      description = "Stop after the first event after which it holds")
  private String until;

  @Option(
      names = "--watch",
      paramLabel = "EXPRESSION",
      description = "Print its value when that changes; may be repeated")
  private List<String> watched = List.of();

  @Option(
      names = "--step",
      description = "Go step by step, forwards and backwards, as standard input says; h for help")
  private boolean step;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print watched values and the end only")
  private boolean quiet;

  @Option(names = "--json", description = "A JSON object a line")
  private boolean json;

  @Override
  public Integer call() {
    Optional<Expression> stop = Optional.ofNullable(until).map(Expression::compile);
    List<Watch> watches = new ArrayList<>();
    watched.forEach(text -> watches.add(new Watch(Expression.compile(text))));
    return log.read(readable -> replay(readable, stop, watches));
  }

  private int replay(ReadableLog readable, Optional<Expression> stop, List<Watch> watches) {
    Cursor start = readable.moment(from);
    Cursor last = readable.moment(to);
    readable.asOf(last).close();
    if (last.sequence() < start.sequence()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "The replay would end at " + last + ", before " + start);
    }
    ReplayOutput output = new ReplayOutput(parent, json, readable.info().logId());
    try (Playback playback = new Playback(readable, start)) {
      Player player =
          new Player(
              playback,
              last,
              stop,
              watches,
              output,
              readable.catalogue(),
              quiet ? null : shown.filter());
      if (step) {
        return new Stepper(parent, readable, player).run() ? 0 : 1;
      }
      return player.play() ? 0 : 1;
    }
  }
}
