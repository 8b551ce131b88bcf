package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.container.RestartPolicy;
import java.util.Optional;

/** The body of {@code POST /containers/{id}/update}. */
final class UpdateBody {
  private static final String POLICY = "RestartPolicy";

  private UpdateBody() {}

  /**
   * The restart policy it asks for; empty when it asks for none. UNIMPLEMENTED when it asks for
   * other resources, INVALID_ARGUMENT for what is no policy.
   */
  static Optional<RestartPolicy> read(JsonNode json) {
    Body body = Body.top(json);
    Refusals.refuseAllBut(body, POLICY);
    return body.object(POLICY)
        .text("Name")
        .filter(name -> !name.isEmpty())
        .map(name -> CreateBody.restartPolicy(body));
  }
}
