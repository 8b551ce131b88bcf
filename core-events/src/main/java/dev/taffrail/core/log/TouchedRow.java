package dev.taffrail.core.log;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.event.Subject;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** A row that events between two moments changed, as it was at each of them. */
public final class TouchedRow {
  private final RowKey key;
  private final Set<Subject> subjects = new LinkedHashSet<>();
  private final Optional<StoredRow> earlier;
  private Optional<StoredRow> later;
  private long sequence;

  /**
   * Of a row whose versions are known.
   *
   * @param sequence the last event up to the later moment that changed it
   */
  TouchedRow(RowKey key, Optional<StoredRow> earlier, Optional<StoredRow> later, long sequence) {
    this.key = key;
    this.earlier = earlier;
    this.later = later;
    this.sequence = sequence;
  }

  /** Takes in what the next event did to it. */
  void change(RowChange change, EventHeader header) {
    later = change.after();
    sequence = header.sequence();
    subjects.add(header.subject());
  }

  public RowKey key() {
    return key;
  }

  /** Whom the events were about that changed it; empty when that is not known. */
  public Set<Subject> subjects() {
    return subjects;
  }

  /** Empty when there was no such row. */
  public Optional<JsonNode> earlier() {
    return earlier.map(StoredRow::json);
  }

  /** Empty when there is no such row any more. */
  public Optional<JsonNode> later() {
    return later.map(StoredRow::json);
  }

  /** The last event up to the later moment that changed it. */
  public long sequence() {
    return sequence;
  }
}
