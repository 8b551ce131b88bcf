package dev.taffrail.core.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build, as Maven wrote it beside this class. */
public final class BuildVersion implements IVersionProvider {
  /** For example {@code 0.1.0}. */
  public static String get() {
    try (InputStream file = BuildVersion.class.getResourceAsStream("version.properties")) {
      if (file == null) {
        throw new IllegalStateException("The build left version.properties out");
      }
      Properties properties = new Properties();
      properties.load(file);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read version.properties", e);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {"Taffrail version " + get()};
  }
}
