package dev.taffrail.http.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taffrail.core.event.EventJson;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail redact}. */
@Command(
    name = "redact",
    description = {
      "Removes the payload of an event for good, and what was derived from it.",
      "The event stays with its header, and the log verifies. Without --field every text goes that",
      "nothing else in the log refers to. This cannot be undone."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  taffrail redact 1234 --reason 'a password in an environment variable'",
      "  taffrail redact 1-1234 --reason 'asked for by its owner' --field /specification/environment"
    })
final class RedactCommand implements Callable<Integer> {
  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EVENT", description = "Its sequence, or its cursor")
  private String event;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why; it is stored")
  private String reason;

  @Option(
      names = "--field",
      paramLabel = "POINTER",
      description =
          "A JSON pointer into the payload, as in /specification/environment; may be repeated")
  private List<String> fields = List.of();

  @Option(names = "--json", description = "The answer as JSON")
  private boolean json;

  @Override
  public Integer call() {
    ObjectNode request = EventJson.mapper().createObjectNode();
    request.put("reason", reason);
    fields.forEach(request.putArray("fields")::add);
    PrintWriter out = spec.commandLine().getOut();
    try (Remote remote = parent.connect()) {
      JsonNode answer =
          remote.post("/taffrail/v1/events/" + RemoteLog.encode(event) + "/redact", request);
      if (json) {
        out.println(answer);
        return 0;
      }
      JsonNode redacted = answer.path("redacted");
      out.println(
          "event "
              + redacted.path("sequence").asText()
              + " is redacted, as event "
              + answer.path("cursor").asText()
              + " tells");
      redacted.path("fields").forEach(field -> out.println("  " + field.asText()));
    }
    return 0;
  }
}
