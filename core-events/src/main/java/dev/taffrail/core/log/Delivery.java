package dev.taffrail.core.log;

/** What a subscriber receives, in log order. */
public sealed interface Delivery {
  /** Resuming after it continues without gap or duplicate. */
  Cursor cursor();

  /** An event that passed the filter. */
  record Matched(LoggedEvent event) implements Delivery {
    @Override
    public Cursor cursor() {
      return event.header().cursor();
    }
  }

  /**
   * Nothing up to {@code cursor} matched since the last delivery.
   *
   * @param live true when the reader has caught up with the head
   */
  record Bookmark(Cursor cursor, boolean live) implements Delivery {}
}
