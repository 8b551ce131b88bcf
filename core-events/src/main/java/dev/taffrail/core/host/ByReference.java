package dev.taffrail.core.host;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands calls and answers over as they are; they never leave the process. */
final class ByReference implements MessageCodec<Object, Object> {
  static final String NAME = "taffrail.by-reference";

  @Override
  public Object transform(Object body) {
    return body;
  }

  @Override
  public void encodeToWire(Buffer buffer, Object body) {
    throw new UnsupportedOperationException("Calls stay inside the process");
  }

  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("Calls stay inside the process");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
