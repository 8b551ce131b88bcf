package dev.taffrail.core.log;

import java.util.Objects;

/** Ends a subscription that could go on from {@link #resume}: a slow consumer, a closing log. */
public final class SubscriptionClosed extends RuntimeException {
  private final transient Cursor resume;

  public SubscriptionClosed(Cursor resume, String message, Throwable cause) {
    super(message, cause);
    this.resume = Objects.requireNonNull(resume, "resume");
  }

  /** Nothing after this cursor was delivered. */
  public Cursor resume() {
    return resume;
  }
}
