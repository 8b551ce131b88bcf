package dev.taffrail.core.host;

/** The daemon's main with a log that keeps nothing. */
final class FakeTaffraild {
  private FakeTaffraild() {}

  public static void main(String[] arguments) {
    System.exit(
        Taffraild.run(
            (settings, catalogue) -> {
              FakeLog log = new FakeLog();
              return new LogOpener.OpenLog(log, log);
            },
            arguments));
  }
}
