package dev.taffrail.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.nio.ByteBuffer;

/** Messages on a TCP connection, each behind its length; RFC 1035, section 4.2.2. */
final class StreamMessages {
  private StreamMessages() {}

  static LengthFieldBasedFrameDecoder decoder() {
    return new LengthFieldBasedFrameDecoder(
        Replies.MAX_MESSAGE + Short.BYTES, 0, Short.BYTES, 0, Short.BYTES);
  }

  static ByteBuf frame(byte[] message) {
    byte[] length = ByteBuffer.allocate(Short.BYTES).putShort((short) message.length).array();
    return Unpooled.wrappedBuffer(length, message);
  }
}
