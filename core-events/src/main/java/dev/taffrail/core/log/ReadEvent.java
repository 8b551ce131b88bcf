package dev.taffrail.core.log;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Event;
import dev.taffrail.core.event.EventCatalogue;
import dev.taffrail.core.event.EventJson;
import java.util.Optional;

/** A stored event with all that can be checked and read without the events around it. */
final class ReadEvent {
  private final long sequence;
  private final byte[] stored;
  private Frame frame;
  private EventHeader header;
  private Event event;
  private RuntimeException broken;
  private RuntimeException unreadable;

  private ReadEvent(long sequence, byte[] stored) {
    this.sequence = sequence;
    this.stored = stored;
  }

  /** Never throws: what is wrong comes out when the event is asked for what lacks. */
  static ReadEvent of(long sequence, byte[] stored, EventCatalogue catalogue) {
    ReadEvent read = new ReadEvent(sequence, stored);
    try {
      read.frame = Frame.decode(stored);
      if (!read.frame.hashHolds()) {
        throw new RuntimeFailure(Kind.DATA_LOSS, "its hash does not match its content");
      }
      read.header = HeaderCodec.read(read.frame.header());
    } catch (RuntimeException e) {
      read.broken = e;
      return read;
    }
    try {
      Optional<byte[]> payload = read.frame.payload();
      if (payload.isPresent()) {
        read.event =
            EventJson.read(payload.get(), catalogue.definition(read.header.type()).eventClass());
      }
    } catch (RuntimeException e) {
      read.unreadable = e;
    }
    return read;
  }

  /** By its key. */
  long sequence() {
    return sequence;
  }

  byte[] stored() {
    return stored;
  }

  /** DATA_LOSS when the stored bytes are not a whole frame, or another's. */
  Frame frame() {
    if (broken != null) {
      throw broken;
    }
    return frame;
  }

  /** As {@link #frame}. */
  EventHeader header() {
    if (broken != null) {
      throw broken;
    }
    return header;
  }

  /** UNIMPLEMENTED when this build does not know the type; DATA_LOSS when redacted. */
  Event event() {
    if (unreadable != null) {
      throw unreadable;
    }
    if (event == null) {
      throw new RuntimeFailure(Kind.DATA_LOSS, "its payload is redacted");
    }
    return event;
  }
}
