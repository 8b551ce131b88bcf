package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Subject;
import dev.taffrail.core.log.CloudEventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.LogEvent;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.ReadableLog;
import dev.taffrail.core.log.Snapshot;
import java.io.File;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail bisect}. */
@Command(
    name = "bisect",
    description = {
      "Finds the event after which something was no longer as it should be: a binary search over the",
      "state as of moments between a good and a bad one. Names the event, who caused it, and what it",
      "changed.",
      "",
      "With --expr, a moment is good when the predicate holds (see taffrail help replay). With --run,",
      "a shell command decides as for git bisect run: 0 is good, 125 cannot tell, up to 127 is bad,",
      "anything else gives up. It gets the moment as JSON on standard input and in the file",
      "$TAFFRAIL_MOMENT, its cursor in $TAFFRAIL_CURSOR, and for further questions $TAFFRAIL_HOST, or",
      "$TAFFRAIL_DATA_ROOT and $TAFFRAIL_ARCHIVE (paths, separated by colons)."
    },
    sortOptions = false,
    footer = {
      "",
      "Exit code 1 when moments that cannot be tested hide the event; a range is printed then.",
      "",
      "Examples:",
      "  taffrail bisect --good 1-100 --bad head --expr 'named.web.phase == \"running\"'",
      "  taffrail bisect --good oldest --bad head --run 'jq -e \".state.containers | length < 5\"'",
      "  taffrail bisect --data-root /var/lib/taffrail --good 2026-01-31T03:00:00Z --bad head \\",
      "      --expr 'state.containers.all(id, state.containers[id].exitCode != 137)'"
    })
final class BisectCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Mixin private LogOptions log;

  @Option(
      names = "--good",
      required = true,
      paramLabel = "MOMENT",
      description = "When all was well: a cursor, sequence, time, or oldest")
  private String good;

  @Option(
      names = "--bad",
      required = true,
      paramLabel = "MOMENT",
      description = "A later moment when it was not: a cursor, sequence, time, or head")
  private String bad;

  @ArgGroup(multiplicity = "1")
  private Question question;

  @Option(names = "--json", description = "A JSON object")
  private boolean json;

  /** How moments are tested. */
  static final class Question {
    @Option(names = "--expr", paramLabel = "PREDICATE", description = "Holds at good moments")
    private String expression;

    @Option(names = "--run", paramLabel = "COMMAND", description = "Succeeds at good moments")
    private String command;
  }

  @Override
  public Integer call() {
    Optional<Expression> predicate =
        Optional.ofNullable(question.expression).map(Expression::compile);
    return log.read(
        readable ->
            bisect(
                readable,
                predicate
                    .<LongFunction<Bisection.Verdict>>map(
                        expression -> sequence -> ask(readable, expression, sequence))
                    .orElseGet(
                        () -> {
                          Trial trial = new Trial(question.command, environment(), json);
                          return sequence -> run(readable, trial, sequence);
                        })));
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    LogFiles files = log.files();
    if (!files.areGiven()) {
      environment.put("TAFFRAIL_HOST", parent.host());
    }
    files
        .dataRoot()
        .ifPresent(root -> environment.put("TAFFRAIL_DATA_ROOT", root.toAbsolutePath().toString()));
    if (!files.archives().isEmpty()) {
      environment.put(
          "TAFFRAIL_ARCHIVE",
          files.archives().stream()
              .map(path -> path.toAbsolutePath().toString())
              .collect(Collectors.joining(File.pathSeparator)));
    }
    return environment;
  }

  private static Bisection.Verdict ask(ReadableLog readable, Expression expression, long sequence) {
    List<Snapshot> opened = new ArrayList<>();
    try {
      opened.add(readable.asOf(readable.at(sequence)));
      Scope scope =
          new Scope(
              readable.catalogue(),
              readable.find(sequence),
              opened.get(0),
              () -> {
                long earlier = Math.max(readable.oldest().sequence(), sequence - 1);
                Snapshot before = readable.asOf(readable.at(earlier));
                opened.add(before);
                return before;
              });
      return expression.holds(scope) ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD;
    } finally {
      opened.forEach(Snapshot::close);
    }
  }

  private static Bisection.Verdict run(ReadableLog readable, Trial trial, long sequence) {
    Cursor cursor = readable.at(sequence);
    byte[] moment;
    try (Snapshot state = readable.asOf(cursor)) {
      moment = MomentFile.write(readable, cursor, readable.find(sequence), state);
    }
    return trial.of(cursor.toString(), moment);
  }

  private int bisect(ReadableLog readable, LongFunction<Bisection.Verdict> test) {
    Cursor first = readable.moment(good);
    Cursor last = readable.moment(bad);
    readable.asOf(first).close();
    readable.asOf(last).close();
    if (first.sequence() >= last.sequence()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "The good moment " + first + " is not before the bad one, " + last);
    }
    check(first, test, Bisection.Verdict.GOOD);
    check(last, test, Bisection.Verdict.BAD);
    PrintWriter err = parent.terminal().err();
    Bisection[] search = new Bisection[1];
    search[0] =
        new Bisection(
            first.sequence(),
            last.sequence(),
            sequence -> {
              long left = search[0].left();
              Bisection.Verdict verdict = test.apply(sequence);
              err.println(
                  sequence
                      + ": "
                      + switch (verdict) {
                        case GOOD -> "good";
                        case BAD -> "bad";
                        case SKIP -> "cannot tell";
                      }
                      + " ("
                      + left
                      + " events were left)");
              return verdict;
            });
    readable
        .read(state -> state.list(LogEvent.SALVAGES, Subject.SYSTEM_NAMESPACE, ""))
        .forEach(
            row -> {
              if (row.value().hole()) {
                search[0].skip(row.value().from(), row.value().to());
              }
            });
    Bisection.Result result = search[0].search();
    if (json) {
      parent.terminal().out().println(json(readable, result));
    } else {
      print(readable, result);
    }
    return result.isKnown() ? 0 : 1;
  }

  private static void check(
      Cursor cursor, LongFunction<Bisection.Verdict> test, Bisection.Verdict expected) {
    Bisection.Verdict found = test.apply(cursor.sequence());
    if (found != expected) {
      throw new RuntimeFailure(
          Kind.FAILED_PRECONDITION,
          "The moment "
              + cursor
              + (found == Bisection.Verdict.SKIP
                  ? " cannot be tested"
                  : expected == Bisection.Verdict.GOOD ? " is bad already" : " is good"));
    }
  }

  /** The step onto an event, which knows what it changed. */
  private static Optional<Playback.Step> step(ReadableLog readable, long sequence) {
    try (Playback playback = new Playback(readable, readable.at(sequence - 1))) {
      return playback.forward();
    } catch (RuntimeFailure e) {
      if (e.kind() == Kind.GONE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The cause of an event, and that one's, up to the first that is still kept. */
  private static List<LoggedEvent> causes(ReadableLog readable, LoggedEvent event) {
    List<LoggedEvent> causes = new ArrayList<>();
    Optional<LoggedEvent> next = Optional.of(event);
    while (next.isPresent()) {
      var cause = next.get().header().cause();
      next = cause.isPresent() ? readable.find(cause.getAsLong()) : Optional.empty();
      next.ifPresent(causes::add);
    }
    return causes;
  }

  private void print(ReadableLog readable, Bisection.Result result) {
    PrintWriter out = parent.terminal().out();
    EventText text = new EventText(parent);
    if (!result.isKnown()) {
      out.println(
          "the first bad event is one of "
              + result.first()
              + " to "
              + result.last()
              + ": the others cannot be tested");
      return;
    }
    LoggedEvent event = readable.find(result.last()).orElseThrow();
    out.println(
        parent.paint(Style.BAD, event.header().cursor() + " is the first bad event")
            + " ("
            + result.tests()
            + (result.tests() == 1 ? " test)" : " tests)"));
    out.println(text.line(event.header()));
    step(readable, result.last())
        .ifPresent(step -> text.changes(step.changes()).forEach(out::println));
    for (LoggedEvent cause : causes(readable, event)) {
      out.println("because of " + text.line(cause.header()));
    }
  }

  private static ObjectNode json(ReadableLog readable, Bisection.Result result) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("tests", result.tests());
    if (!result.isKnown()) {
      ObjectNode candidates = object.putObject("candidates");
      candidates.put("first", Long.toString(result.first()));
      candidates.put("last", Long.toString(result.last()));
      return object;
    }
    LoggedEvent event = readable.find(result.last()).orElseThrow();
    String logId = readable.info().logId();
    object.set("event", CloudEventJson.write(logId, event));
    ArrayNode changes = object.putArray("changes");
    step(readable, result.last())
        .ifPresent(
            step -> step.changes().forEach(change -> changes.add(ReplayOutput.json(change))));
    ArrayNode causes = object.putArray("causes");
    causes(readable, event).forEach(cause -> causes.add(CloudEventJson.write(logId, cause)));
    return object;
  }
}
