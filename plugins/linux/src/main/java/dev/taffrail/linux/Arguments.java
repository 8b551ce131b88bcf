package dev.taffrail.linux;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** Memory for the arguments of one call, reachable until it is closed. */
final class Arguments implements AutoCloseable {
  private final List<NativeBuffer> buffers = new ArrayList<>(4);

  /** Zeroed memory. */
  NativeBuffer allocate(int size) {
    NativeBuffer buffer = new NativeBuffer(size);
    buffers.add(buffer);
    return buffer;
  }

  /** A NUL-terminated string; see {@link KernelText}. */
  long string(String text) {
    return allocate(text.length() * 3 + 5).string(text);
  }

  /** A NULL-terminated array of strings. */
  long strings(List<String> texts) {
    NativeBuffer array = allocate(Long.BYTES * (texts.size() + 1));
    for (String text : texts) {
      array.bytes.putLong(string(text));
    }
    return array.address;
  }

  /** Runs in the finally of a try-with-resources, so the memory outlives the call in its block. */
  @Override
  @SuppressWarnings("ReachabilityFenceUsage")
  public void close() {
    Reference.reachabilityFence(buffers);
  }
}
