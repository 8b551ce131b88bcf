package dev.taffrail.core.linux;

import java.nio.file.Path;

/** Programs in memory that nobody can change any more; see memfd_create(2), F_ADD_SEALS. */
public interface SealedPrograms {
  /**
   * A copy of {@code program}, sealed. UNIMPLEMENTED when this kernel cannot make one that can be
   * executed.
   */
  Sealed seal(Path program);

  /** A sealed copy. */
  interface Sealed extends AutoCloseable {
    /** Can be executed, by other processes too, until it is closed. */
    Path path();

    /** Processes that run from it go on. */
    @Override
    void close();
  }
}
