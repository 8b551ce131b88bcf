package dev.taffrail.core.log;

import dev.taffrail.core.event.Subject;
import dev.taffrail.core.metadata.Batch;
import dev.taffrail.core.metadata.Bytes;
import dev.taffrail.core.metadata.ColumnFamily;
import dev.taffrail.core.metadata.StoreReader;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** How many events each subject has had. Confined to the writer's thread. */
final class SubjectCounters {
  private static final int CAPACITY = 16_384;

  private final StoreReader store;
  private Map<Subject, Long> sealed = new HashMap<>();
  private Map<Subject, Long> counted = new HashMap<>();
  private final Map<Subject, Long> recent =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, Long> eldest) {
          return size() > CAPACITY;
        }
      };

  SubjectCounters(StoreReader store) {
    this.store = store;
  }

  /** The number of the subject's next event, from 1. */
  long next(Subject subject) {
    Long known = counted.get(subject);
    if (known == null) {
      known = sealed.get(subject);
    }
    if (known == null) {
      known = recent.get(subject);
    }
    if (known == null) {
      known =
          store
              .get(ColumnFamily.META, Keys.subjectCounter(subject))
              .map(bytes -> Bytes.u64(bytes, 0))
              .orElse(0L);
    }
    counted.put(subject, known + 1);
    return known + 1;
  }

  /** Takes over what an event says. */
  void set(Subject subject, long count) {
    counted.put(subject, count);
  }

  /** Adds what was counted since the last call to the batch; call {@link #clear} when written. */
  void write(Batch batch) {
    write(batch, counted);
    sealed = counted;
    counted = new HashMap<>();
  }

  /** What the last batch holds is in the store now. */
  void clear() {
    recent.putAll(sealed);
    sealed = new HashMap<>();
  }

  /** Adds counters to the batch. */
  static void write(Batch batch, Map<Subject, Long> counts) {
    counts.forEach(
        (subject, count) ->
            batch.put(ColumnFamily.META, Keys.subjectCounter(subject), Bytes.u64(count)));
  }
}
