package dev.taffrail.http.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * How this jar was built.
 *
 * @param commit of the sources; {@code unknown} unless the build named it
 * @param time RFC 3339
 */
record BuildFacts(String commit, String time) {
  static BuildFacts load() {
    Properties properties = new Properties();
    try (InputStream file =
        BuildFacts.class.getResourceAsStream("/dev/taffrail/http/build.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the build's facts from the jar", e);
    }
    return new BuildFacts(properties.getProperty("commit"), properties.getProperty("time"));
  }
}
