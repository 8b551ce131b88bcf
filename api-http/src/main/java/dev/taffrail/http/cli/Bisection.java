package dev.taffrail.http.cli;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Finds the first bad moment between a good and a bad one with about log2 tests. Moments that
 * cannot be tested are passed over, and when they are many, tests jump about between them, as those
 * of git-bisect(1) do, so as not to creep along their edge.
 */
final class Bisection {
  /** What a test says of a moment. */
  enum Verdict {
    GOOD,
    BAD,
    /** It cannot be tested. */
    SKIP
  }

  /**
   * What came of it.
   *
   * @param first and {@code last}: the first bad moment is one of these; all but {@code last}
   *     cannot be tested
   */
  record Result(long first, long last, int tests) {
    boolean isKnown() {
      return first == last;
    }
  }

  private final LongFunction<Verdict> test;
  private final Random random = new Random(1);

  /** First to last of what cannot be tested; neither overlapping nor adjacent. */
  private final TreeMap<Long, Long> skipped = new TreeMap<>();

  private long good;
  private long bad;
  private int tests;

  /**
   * A search between two moments whose verdicts are known.
   *
   * @param test of moments between the two
   */
  Bisection(long good, long bad, LongFunction<Verdict> test) {
    if (good >= bad) {
      throw new IllegalArgumentException(good + " is not before " + bad);
    }
    this.good = good;
    this.bad = bad;
    this.test = test;
  }

  /** None of these can be tested. */
  void skip(long first, long last) {
    long from = first;
    long to = last;
    Map.Entry<Long, Long> below = skipped.floorEntry(first);
    if (below != null && below.getValue() >= first - 1) {
      from = below.getKey();
      to = Math.max(to, below.getValue());
    }
    Map.Entry<Long, Long> next = skipped.higherEntry(from);
    while (next != null && next.getKey() <= to + 1) {
      skipped.remove(next.getKey());
      to = Math.max(to, next.getValue());
      next = skipped.higherEntry(from);
    }
    skipped.put(from, to);
  }

  /** How many moments may still be the first bad one. */
  long left() {
    return bad - good;
  }

  Result search() {
    boolean jump = false;
    OptionalLong moment = testable(good + (bad - good) / 2);
    while (moment.isPresent()) {
      tests++;
      Verdict verdict = test.apply(moment.getAsLong());
      if (verdict == Verdict.GOOD) {
        good = moment.getAsLong();
      } else if (verdict == Verdict.BAD) {
        bad = moment.getAsLong();
      } else {
        skip(moment.getAsLong(), moment.getAsLong());
      }
      jump = verdict == Verdict.SKIP;
      moment =
          testable(
              jump && bad - good > 1 ? random.nextLong(good + 1, bad) : good + (bad - good) / 2);
    }
    return new Result(good + 1, bad, tests);
  }

  /** The moment nearest to {@code wanted} that lies between the two and can be tested. */
  private OptionalLong testable(long wanted) {
    long below = wanted;
    long above = wanted;
    Map.Entry<Long, Long> range = skipped.floorEntry(wanted);
    if (range != null && range.getValue() >= wanted) {
      below = range.getKey() - 1;
      above = range.getValue() + 1;
    }
    boolean belowFits = below > good && below < bad;
    boolean aboveFits = above > good && above < bad;
    if (belowFits && (!aboveFits || wanted - below <= above - wanted)) {
      return OptionalLong.of(below);
    }
    return aboveFits ? OptionalLong.of(above) : OptionalLong.empty();
  }
}
