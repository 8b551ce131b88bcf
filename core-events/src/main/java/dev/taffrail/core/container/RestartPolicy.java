package dev.taffrail.core.container;

/**
 * What becomes of a container whose process has ended; as Docker's {@code --restart}.
 *
 * @param maximumRetries of {@code ON_FAILURE}; 0 for no limit
 */
public record RestartPolicy(Mode mode, int maximumRetries) {
  public static final RestartPolicy NO = new RestartPolicy(Mode.NO, 0);

  /** When it is started again. */
  public enum Mode {
    NO,
    ON_FAILURE,
    ALWAYS,
    UNLESS_STOPPED
  }

  /** Whether a run that nobody stopped is followed by another, after {@code restarts} of them. */
  public boolean follows(int exitCode, int restarts) {
    return switch (mode) {
      case NO -> false;
      case ON_FAILURE -> exitCode != 0 && (maximumRetries == 0 || restarts < maximumRetries);
      case ALWAYS, UNLESS_STOPPED -> true;
    };
  }

  /** Whether a container that does not run is started together with the daemon. */
  public boolean startsWithDaemon(boolean stopRequested) {
    return mode == Mode.ALWAYS || (mode == Mode.UNLESS_STOPPED && !stopRequested);
  }
}
