package dev.taffrail.http.cli;

import dev.taffrail.core.container.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Draws lives as lines of text, all to the same scale. */
final class LaneDrawing {
  /** What a column stands for. */
  enum Scale {
    /** An equal part of the time. */
    TIME,
    /** An equal number of events, so that what happened within a second can be told apart. */
    EVENT
  }

  private static final int NARROWEST = 8;
  private static final Map<Phase, String> LINES = new EnumMap<>(Phase.class);
  private static final Map<Phase, String> PLAIN_LINES = new EnumMap<>(Phase.class);

  static {
    LINES.put(Phase.CREATED, "·");
    LINES.put(Phase.STARTING, "╌");
    LINES.put(Phase.RUNNING, "━");
    LINES.put(Phase.EXITED, "·");
    LINES.put(Phase.RESTARTING, "~");
    LINES.put(Phase.REMOVING, "·");
    PLAIN_LINES.put(Phase.CREATED, ".");
    PLAIN_LINES.put(Phase.STARTING, "-");
    PLAIN_LINES.put(Phase.RUNNING, "=");
    PLAIN_LINES.put(Phase.EXITED, ".");
    PLAIN_LINES.put(Phase.RESTARTING, "~");
    PLAIN_LINES.put(Phase.REMOVING, ".");
  }

  /** Room behind the last moment for an exit code and the sign of a removal. */
  private static final int MARGIN = 4;

  private final Lanes.Part part;
  private final Scale scale;
  private final int width;
  private final boolean unicode;

  /**
   * A drawing of nothing yet.
   *
   * @param part what the lines stand for from end to end
   * @param width of each line, in columns
   * @param unicode whether signs that are not ASCII may be used
   */
  LaneDrawing(Lanes.Part part, Scale scale, int width, boolean unicode) {
    this.part = part;
    this.scale = scale;
    this.width = Math.max(NARROWEST, width);
    this.unicode = unicode;
  }

  /** What the signs mean. */
  String legend() {
    return unicode
        ? "○ created  ▶ running  ■ exited  ✗ exited with a code  ~ to be restarted  ╳ removed"
        : "o created  > running  # exited  x exited with a code  ~ to be restarted  X removed";
  }

  /** The life in {@link #width} columns at most; no white space at the end. */
  String draw(Lane lane) {
    String[] cells = new String[width];
    int end = lane.removed().map(this::column).orElse(width - 1 - MARGIN);
    for (Lane.Stage stage : lane.stages()) {
      fill(cells, column(stage), end, (unicode ? LINES : PLAIN_LINES).get(stage.phase()));
    }
    int free = mark(cells, lane.stages());
    lane.removed().ifPresent(stage -> cells[Math.max(free, column(stage))] = unicode ? "╳" : "X");
    StringBuilder line = new StringBuilder();
    for (String cell : cells) {
      line.append(cell == null ? " " : cell);
    }
    return line.toString().stripTrailing();
  }

  private static void fill(String[] cells, int from, int to, String sign) {
    for (int column = from; column <= to; column++) {
      cells[column] = sign;
    }
  }

  /** Returns the first column behind all signs. */
  private int mark(String[] cells, List<Lane.Stage> stages) {
    int free = 0;
    for (int i = 0; i < stages.size(); i++) {
      String sign = sign(stages, i);
      if (!sign.isEmpty()) {
        int column = column(stages.get(i));
        String whole = sign + code(stages.get(i));
        // A part of a code would be another code.
        String fitting = column + whole.length() <= nextSign(stages, i) ? whole : sign;
        write(cells, column, fitting);
        free = column + fitting.length();
      }
    }
    return free;
  }

  private int nextSign(List<Lane.Stage> stages, int after) {
    for (int i = after + 1; i < stages.size(); i++) {
      if (!sign(stages, i).isEmpty()) {
        return column(stages.get(i));
      }
    }
    return width;
  }

  /** Empty for a stage that only its line shows. */
  private String sign(List<Lane.Stage> stages, int index) {
    Lane.Stage stage = stages.get(index);
    if (stage.exitCode().isPresent()) {
      return stage.exitCode().get() == 0 ? (unicode ? "■" : "#") : unicode ? "✗" : "x";
    } else if (stage.phase() == Phase.CREATED && stage.place() > 0) {
      return unicode ? "○" : "o";
    }
    return stage.phase() == Phase.RUNNING && index > 0 ? (unicode ? "▶" : ">") : "";
  }

  private static String code(Lane.Stage stage) {
    return stage.exitCode().filter(code -> code != 0).map(code -> code.toString()).orElse("");
  }

  private static void write(String[] cells, int from, String text) {
    for (int i = 0; i < text.length() && from + i < cells.length; i++) {
      cells[from + i] = text.substring(i, i + 1);
    }
  }

  private int column(Lane.Stage stage) {
    double passed =
        scale == Scale.EVENT
            ? (double) (stage.place() - part.firstPlace())
                / Math.max(1, part.lastPlace() - part.firstPlace())
            : (double) nanos(stage.from()) / Math.max(1, nanos(part.last()));
    int columns = width - 1 - MARGIN;
    return (int) Math.min(columns, Math.max(0, Math.floor(passed * columns)));
  }

  private long nanos(Instant moment) {
    return Duration.between(part.first(), moment).toNanos();
  }

  /** {@code 3.250s}, {@code 2m05s}, {@code 3h02m}. */
  static String describe(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return "%d.%03ds".formatted(seconds, duration.toMillisPart());
    }
    return seconds < 3600
        ? "%dm%02ds".formatted(seconds / 60, seconds % 60)
        : "%dh%02dm".formatted(seconds / 3600, seconds % 3600 / 60);
  }
}
