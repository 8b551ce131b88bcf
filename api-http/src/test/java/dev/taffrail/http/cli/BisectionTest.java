package dev.taffrail.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BisectionTest {
  private static final int LOG2_OF_A_MILLION = 20;

  private final long seed = Long.getLong("taffrail.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void itAgreesWithALinearSearch() {
    for (int round = 0; round < 500; round++) {
      int size = 2 + random.nextInt(400);
      int firstBad = 1 + random.nextInt(size - 1);
      Set<Long> untestable = new HashSet<>();
      double share = random.nextInt(3) == 0 ? random.nextDouble() : 0;
      for (long moment = 1; moment < size - 1; moment++) {
        if (random.nextDouble() < share) {
          untestable.add(moment);
        }
      }
      TreeSet<Long> tested = new TreeSet<>();
      Bisection bisection =
          new Bisection(
              0,
              size - 1,
              moment -> {
                assertThat(tested.add(moment)).as("seed %s: %s twice", seed, moment).isTrue();
                if (untestable.contains(moment)) {
                  return Bisection.Verdict.SKIP;
                }
                return moment < firstBad ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD;
              });
      Bisection.Result result = bisection.search();
      long first = firstBad;
      while (first > 1 && untestable.contains(first - 1)) {
        first--;
      }
      long last = firstBad;
      while (untestable.contains(last)) {
        last++;
      }
      assertThat(result.first()).as("seed %s", seed).isEqualTo(first);
      assertThat(result.last()).as("seed %s", seed).isEqualTo(last);
      assertThat(result.tests()).isEqualTo(tested.size());
    }
  }

  @Test
  void aMillionMomentsTakeTwentyTests() {
    for (int round = 0; round < 100; round++) {
      long firstBad = random.nextLong(1, 1_000_001);
      Bisection.Result result =
          new Bisection(
                  0,
                  1_000_000,
                  moment -> moment < firstBad ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD)
              .search();
      assertThat(result.isKnown()).isTrue();
      assertThat(result.last()).as("seed %s", seed).isEqualTo(firstBad);
      assertThat(result.tests()).isLessThanOrEqualTo(LOG2_OF_A_MILLION);
    }
  }

  @Test
  void knownHolesAreNotTested() {
    Bisection bisection =
        new Bisection(
            0,
            1000,
            moment -> {
              assertThat(moment).matches(tested -> tested < 100 || tested > 900);
              return moment < 50 ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD;
            });
    bisection.skip(100, 400);
    bisection.skip(600, 900);
    bisection.skip(401, 599);
    assertThat(bisection.search().last()).isEqualTo(50);
  }

  @Test
  void aHoleThatHidesTheAnswerYieldsARange() {
    Bisection bisection =
        new Bisection(0, 10, moment -> moment < 5 ? Bisection.Verdict.GOOD : Bisection.Verdict.BAD);
    bisection.skip(4, 6);
    Bisection.Result result = bisection.search();
    assertThat(result.isKnown()).isFalse();
    assertThat(result.first()).isEqualTo(4);
    assertThat(result.last()).isEqualTo(7);
  }

  @Test
  void neighboursNeedNoTest() {
    assertThat(new Bisection(7, 8, moment -> null).search())
        .isEqualTo(new Bisection.Result(8, 8, 0));
  }

  @Test
  void theGoodMomentComesFirst() {
    assertThatThrownBy(() -> new Bisection(8, 8, moment -> null))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
