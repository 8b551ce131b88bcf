package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.EventJson;
import dev.taffrail.core.log.Cursor;
import dev.taffrail.core.log.EventHeader;
import dev.taffrail.core.log.Playback;
import dev.taffrail.core.log.ReadableLog;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code taffrail timeline}. */
@Command(
    name = "timeline",
    description = {
      "Draws the lives of containers: a line for each, or one with all its events. A column stands",
      "for an equal part of the time, or with --scale event for an equal number of events."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  taffrail timeline",
      "  taffrail timeline web",
      "  taffrail timeline --from 2026-01-31T03:00:00Z --to 2026-01-31T03:30:00Z --scale event",
      "  taffrail timeline --data-root /var/lib/taffrail --json | jq .name"
    })
final class TimelineCommand implements Callable<Integer> {
  private static final int SHORT_ID = 12;
  private static final int LONGEST_NAME = 20;
  private static final int FEW = 5;

  @ParentCommand private TaffrailCommand parent;
  @Mixin private LogOptions log;

  @Parameters(
      arity = "0..1",
      paramLabel = "CONTAINER",
      description = "A name, or the beginning of an id")
  private String container;

  @Option(names = "--from", paramLabel = "MOMENT", description = "Start here (default: oldest)")
  private String from = "oldest";

  @Option(names = "--to", paramLabel = "MOMENT", description = "End here (default: head)")
  private String to = "head";

  @Option(names = "--scale", paramLabel = "SCALE", description = "time or event (default: time)")
  private LaneDrawing.Scale scale = LaneDrawing.Scale.TIME;

  @Option(
      names = "--width",
      paramLabel = "COLUMNS",
      description = "Of the lines (default: of the terminal)")
  private Integer width;

  @Option(names = "--ascii", description = "Nothing but ASCII, whatever the locale says")
  private boolean ascii;

  @Option(names = "--json", description = "A JSON object a line, for each container")
  private boolean json;

  @Override
  public Integer call() {
    Lanes lanes = log.read(this::read);
    List<Lane> wanted = container == null ? lanes.all() : lanes.of(container);
    if (container != null && wanted.isEmpty()) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND, "There was no container " + container + " at that time");
    }
    PrintWriter out = parent.terminal().out();
    if (json) {
      wanted.forEach(lane -> out.println(json(lane)));
    } else if (container == null) {
      drawAll(out, lanes, wanted);
    } else {
      wanted.forEach(lane -> drawOne(out, lanes, lane));
    }
    return 0;
  }

  private Lanes read(ReadableLog readable) {
    Cursor start = readable.moment(from);
    Cursor end = readable.moment(to);
    readable.asOf(end).close();
    try (Playback playback = new Playback(readable, start)) {
      return Lanes.of(playback, end);
    }
  }

  private LaneDrawing drawing(Lanes.Part part, int taken) {
    int columns = width == null ? parent.terminal().width() : width;
    return new LaneDrawing(part, scale, columns - taken, !ascii && parent.terminal().unicode());
  }

  private void drawAll(PrintWriter out, Lanes lanes, List<Lane> wanted) {
    int names = wanted.stream().mapToInt(lane -> shorten(lane.name()).length()).max().orElse(0);
    int label = names + 1 + SHORT_ID + 1;
    Lanes.Part part = lanes.part(wanted);
    LaneDrawing drawing = drawing(part, label);
    out.println(" ".repeat(label) + parent.paint(Style.TIME, describe(part)));
    for (Lane lane : wanted) {
      String name = shorten(lane.name());
      out.println(
          parent.paint(Style.SUBJECT, name)
              + " ".repeat(names - name.length() + 1)
              + lane.id().substring(0, Math.min(SHORT_ID, lane.id().length()))
              + " ".repeat(Math.max(1, SHORT_ID + 1 - lane.id().length()))
              + drawing.draw(lane));
    }
    out.println(parent.paint(Style.TIME, drawing.legend()));
  }

  private static String describe(Lanes.Part part) {
    return EventJson.format(part.first())
        + " and "
        + LaneDrawing.describe(Duration.between(part.first(), part.last()));
  }

  private static String shorten(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }

  private void drawOne(PrintWriter out, Lanes lanes, Lane lane) {
    Lanes.Part part = lanes.part(List.of(lane));
    LaneDrawing drawing = drawing(part, 0);
    out.println(parent.paint(Style.SUBJECT, lane.name()) + " " + lane.id());
    out.println(parent.paint(Style.TIME, describe(part)));
    out.println(drawing.draw(lane));
    out.println(parent.paint(Style.TIME, drawing.legend()));
    Instant start = part.first();
    for (Playback.Step step : lane.steps()) {
      EventHeader header = step.event().header();
      out.println(
          parent.paint(
                  Style.TIME,
                  String.format(
                      Locale.ROOT,
                      "%10s",
                      "+" + LaneDrawing.describe(Duration.between(start, header.time()))))
              + " "
              + parent.paint(Style.CURSOR, header.cursor().toString())
              + " "
              + parent.paint(Style.TYPE, word(header.type()))
              + details(step.event().data())
              + " by "
              + EventText.actor(header.actor()));
    }
  }

  /** {@code kill-requested} of {@code dev.taffrail.container.kill-requested.v1}. */
  private static String word(String type) {
    int version = type.lastIndexOf('.');
    return version < 0 ? type : type.substring(type.lastIndexOf('.', version - 1) + 1, version);
  }

  /** What fits on a line: plain members, and those of small objects; not when, which is known. */
  private static String details(JsonNode data) {
    StringBuilder details = new StringBuilder();
    for (Map.Entry<String, JsonNode> member : data.properties()) {
      JsonNode value = member.getValue();
      if (value.isObject() && value.size() <= FEW) {
        value
            .properties()
            .forEach(
                inner -> detail(details, member.getKey() + "." + inner.getKey(), inner.getValue()));
      } else {
        detail(details, member.getKey(), value);
      }
    }
    return details.toString();
  }

  private static void detail(StringBuilder details, String name, JsonNode value) {
    if (value.isValueNode() && !name.endsWith(".at") && !name.equals("at")) {
      details.append(' ').append(name).append('=').append(value.asText());
    }
  }

  private static ObjectNode json(Lane lane) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("id", lane.id());
    object.put("name", lane.name());
    ArrayNode stages = object.putArray("stages");
    for (Lane.Stage stage : lane.stages()) {
      ObjectNode of = stages.addObject();
      of.put("phase", stage.phase().name().toLowerCase(Locale.ROOT));
      of.put("from", EventJson.format(stage.from()));
      stage.exitCode().ifPresent(code -> of.put("exitCode", code));
    }
    lane.removed().ifPresent(stage -> object.put("removed", EventJson.format(stage.from())));
    return object;
  }
}
