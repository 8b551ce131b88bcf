package dev.taffrail.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory with a fixed address, in the machine's byte order, as long as this object is reachable.
 */
final class NativeBuffer {
  final ByteBuffer bytes;
  final long address;

  NativeBuffer(int size) {
    bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    address = Native.addressOf(bytes);
  }

  /** Replaces the content by {@code text[from, to)} and a NUL; see {@link KernelText}. */
  long string(String text, int from, int to) {
    KernelText.encode(text, from, to, bytes.clear());
    return address;
  }

  long string(String text) {
    return string(text, 0, text.length());
  }
}
