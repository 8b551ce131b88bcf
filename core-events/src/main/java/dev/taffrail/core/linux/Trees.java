package dev.taffrail.core.linux;

import java.nio.file.Path;

/** Opens and removes trees. */
public interface Trees {
  /** NOT_FOUND when there is no such directory. */
  Tree open(Path root);

  /**
   * Removes {@code root} and all below it, without following links or crossing mounts; absent is
   * fine.
   */
  void removeAll(Path root);
}
