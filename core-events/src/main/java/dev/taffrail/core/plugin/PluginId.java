package dev.taffrail.core.plugin;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The name of a plugin, {@code snapshot.overlay}: its configuration section, its private
 * directories and, behind {@code taffrail.}, its address on the bus.
 */
public record PluginId(@JsonValue String value) {
  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+");

  @JsonCreator
  public PluginId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("Not a plugin id such as snapshot.overlay: " + value);
    }
  }

  /** The event bus address. */
  public String address() {
    return "taffrail." + value;
  }

  @Override
  public String toString() {
    return value;
  }
}
