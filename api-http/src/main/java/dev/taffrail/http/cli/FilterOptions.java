package dev.taffrail.http.cli;

import dev.taffrail.core.log.EventFilter;
import java.util.List;
import picocli.CommandLine.Option;

/** Which events a command prints. */
final class FilterOptions {
  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Print this type only, or, with a final *, those that begin so; may be repeated")
  private List<String> types = List.of();

  @Option(
      names = "--subject",
      paramLabel = "SUBJECT",
      description = "Print this namespace/type/id only, or, with a final *, those that begin so")
  private List<String> subjects = List.of();

  EventFilter filter() {
    return new EventFilter(types, subjects);
  }
}
