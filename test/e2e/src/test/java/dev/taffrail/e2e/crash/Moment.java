package dev.taffrail.e2e.crash;

import java.util.Random;

/** When the daemon is killed. */
sealed interface Moment {
  /** The log's writer stands right before or right after the event is durable. */
  record AtEvent(boolean durable, int number) implements Moment {
    @Override
    public String toString() {
      return (durable ? "after" : "before") + " event " + number;
    }
  }

  /** Before or after an effect outside the daemon, which goes on without it. */
  record AtEffect(boolean done, Effects.Effect effect) implements Moment {
    String order() {
      return (done ? "after " : "before ") + effect.word();
    }

    @Override
    public String toString() {
      return order();
    }
  }

  /** From outside, at any time. */
  record AtTime(int millis) implements Moment {
    @Override
    public String toString() {
      return "after " + millis + " ms";
    }
  }

  /** Any of these. */
  static Moment random(Random random, int events, int millis) {
    return switch (random.nextInt(4)) {
      case 0 -> new AtTime(random.nextInt(millis));
      case 1 ->
          new AtEffect(random.nextBoolean(), Effects.ALL.get(random.nextInt(Effects.ALL.size())));
      default -> new AtEvent(random.nextBoolean(), 1 + random.nextInt(events));
    };
  }
}
