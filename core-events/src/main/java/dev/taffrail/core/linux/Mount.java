package dev.taffrail.core.linux;

import java.util.List;
import java.util.Objects;

/**
 * A mount to be made, in the words of mount(8) and of the OCI runtime specification.
 *
 * @param type {@code overlay}, {@code bind}, {@code tmpfs}, …
 * @param options flags ({@code ro}, {@code rbind}) and file system data ({@code lowerdir=…}) mixed
 */
public record Mount(String type, String source, List<String> options) {
  public Mount {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(source, "source");
    options = List.copyOf(options);
  }
}
