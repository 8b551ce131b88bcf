package dev.taffrail.core.history;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.log.LogIndex;
import dev.taffrail.core.log.LoggedEvent;
import dev.taffrail.core.log.ReadableLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The request behind an event and all that came of it: the tree of causes, from its root to the
 * last effect, also where an effect belongs to another request.
 *
 * @param asked the sequence of the event that was asked for
 * @param root the event at the top of its chain of causes
 * @param roots the request's events that have no cause, in order, {@code root} among them
 * @param complete false when there are more than {@link #LIMIT} events
 */
public record EventTrace(long asked, LoggedEvent root, List<Node> roots, boolean complete) {
  /** Events in one trace. */
  public static final int LIMIT = 10_000;

  public EventTrace {
    roots = List.copyOf(roots);
  }

  /**
   * An event and its effects, in order.
   *
   * @param meanwhile see {@link Provenance#meanwhile}
   */
  public record Node(LoggedEvent event, List<LoggedEvent> meanwhile, List<Node> effects) {
    public Node {
      meanwhile = List.copyOf(meanwhile);
      effects = List.copyOf(effects);
    }
  }

  /** NOT_FOUND when there is no such event, or none any more. */
  public static EventTrace of(ReadableLog log, long sequence) {
    LoggedEvent event =
        log.find(sequence)
            .orElseThrow(
                () -> new RuntimeFailure(Kind.NOT_FOUND, "No event " + sequence + " in the log"));
    LoggedEvent root = Provenance.root(log, event);
    Walk walk = new Walk(log);
    return new EventTrace(sequence, root, walk.request(root), walk.left > 0);
  }

  /** Builds the tree; remembers what it has seen. */
  private static final class Walk {
    private final ReadableLog log;
    private final LogIndex index;
    private final Set<Long> seen = new HashSet<>();
    private int left = LIMIT;

    Walk(ReadableLog log) {
      this.log = log;
      this.index = log.index();
    }

    List<Node> request(LoggedEvent root) {
      List<LoggedEvent> causeless = new ArrayList<>();
      List<Long> all = index.ofCorrelation(root.header().correlationId(), LIMIT);
      for (long sequence : all) {
        log.find(sequence)
            .filter(event -> event.equals(root) || event.header().cause().isEmpty())
            .ifPresent(causeless::add);
      }
      List<Node> roots = new ArrayList<>();
      for (LoggedEvent event : causeless) {
        node(event).ifPresent(roots::add);
      }
      return roots;
    }

    /** Causes come before their effects, so this ends. */
    private Optional<Node> node(LoggedEvent event) {
      if (left == 0 || !seen.add(event.header().sequence())) {
        return Optional.empty();
      }
      left--;
      List<Node> effects = new ArrayList<>();
      for (long effect : index.effects(event.header().sequence())) {
        log.find(effect).flatMap(this::node).ifPresent(effects::add);
      }
      return Optional.of(new Node(event, Provenance.meanwhile(log, event), effects));
    }
  }
}
