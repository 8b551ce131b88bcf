package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.ApiClient;
import java.io.IOException;

/** One command of a client. */
interface Step {
  /**
   * Gives the command; IOException when the daemon died before it answered, AssertionError when the
   * answer is wrong.
   *
   * @param again it was given before, and the daemon died on it: it may have happened already
   * @return false when there is nothing left to give commands to: the container removed itself
   */
  boolean run(ApiClient api, String name, boolean again) throws IOException;
}
