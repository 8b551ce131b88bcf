package dev.taffrail.core.host;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import org.slf4j.LoggerFactory;

/** The levels of the daemon's own log lines, named as in Logback. */
enum LogLevel {
  TRACE,
  DEBUG,
  INFO,
  WARN,
  ERROR;

  /** Takes the names dockerd takes; INVALID_ARGUMENT for others. */
  static LogLevel parse(String text) {
    return switch (text) {
      case "trace" -> TRACE;
      case "debug" -> DEBUG;
      case "info" -> INFO;
      case "warn", "warning" -> WARN;
      // Nothing is logged above errors here.
      case "error", "fatal", "panic" -> ERROR;
      default -> throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid logging level: " + text);
    };
  }

  /** From now on, and for all threads. */
  void apply() {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.valueOf(name()));
    }
  }
}
