package dev.taffrail.http.cli;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The output of the process. A {@link java.io.PrintWriter} would swallow an IOException and let a
 * command go on for a reader that has left; {@link ClosedPipe} goes through it.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw new ClosedPipe(e);
    }
  }

  @Override
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new ClosedPipe(e);
    }
  }
}
