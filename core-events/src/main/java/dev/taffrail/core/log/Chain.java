package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Subject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Checks events in order: each whole, and each the successor of the one before it. */
final class Chain {
  private final Map<Subject, Long> subjects = new HashMap<>();

  /** Null where the chain cannot be followed: at the oldest event of a truncated log. */
  private byte[] hash;

  private boolean fromGenesis;
  private int epoch;
  private long time;

  /**
   * Starts before the first event.
   *
   * @param genesis the previous hash of the first event; null when the log does not start with it
   */
  Chain(byte[] genesis) {
    this.hash = genesis;
    this.fromGenesis = genesis != null;
  }

  /** Starts after the event that a truncation has kept the hash of. */
  static Chain after(byte[] anchor) {
    Chain chain = new Chain(anchor);
    chain.fromGenesis = false;
    return chain;
  }

  /** The events before the next one are lost; it is only checked by itself. */
  void skip() {
    hash = null;
    // How many events of which subjects were among them is unknown.
    fromGenesis = false;
    subjects.clear();
  }

  /** DATA_LOSS, with what is wrong, unless {@code event} is the event {@code sequence}. */
  EventHeader check(long sequence, ReadEvent event) {
    Frame frame = event.frame();
    if (hash != null && !Arrays.equals(hash, frame.previousHash())) {
      throw broken("it does not follow the event before it: previous hash differs");
    }
    hash = frame.hash();
    EventHeader header = event.header();
    if (header.sequence() != sequence) {
      throw broken("its header says that it is event " + header.sequence());
    }
    if (header.epoch() < epoch || header.epoch() < 1) {
      throw broken("its epoch is " + header.epoch() + " after " + epoch);
    }
    epoch = header.epoch();
    long nanos = Keys.nanos(header.time());
    if (nanos < time) {
      throw broken("its time is before that of the event before it");
    }
    time = nanos;
    Long before = subjects.put(header.subject(), header.subjectSequence());
    long expected = before == null ? 1 : before + 1;
    boolean known = before != null || fromGenesis;
    if (known && header.subjectSequence() != expected) {
      throw broken(
          "its subject sequence is " + header.subjectSequence() + ", expected " + expected);
    }
    return header;
  }

  /** Of the last event; null after a {@link #skip}. */
  byte[] hash() {
    return hash;
  }

  private static RuntimeFailure broken(String finding) {
    return new RuntimeFailure(Kind.DATA_LOSS, finding);
  }
}
