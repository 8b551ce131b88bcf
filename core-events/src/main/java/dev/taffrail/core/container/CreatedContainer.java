package dev.taffrail.core.container;

import java.util.List;

/** The answer to a create. */
public record CreatedContainer(String id, List<String> warnings) {
  public CreatedContainer {
    warnings = List.copyOf(warnings);
  }
}
