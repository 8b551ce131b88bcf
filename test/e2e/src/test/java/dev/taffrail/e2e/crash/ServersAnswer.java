package dev.taffrail.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Containers that serve and run are reached at their published ports. */
final class ServersAnswer implements Invariant {
  @Override
  public List<String> violations(Aftermath after) throws IOException {
    List<String> violations = new ArrayList<>();
    Map<String, JsonNode> ports = after.rows("network_ports");
    for (String id : after.withTask()) {
      JsonNode created = after.log().of(id).get(0).path("data").path("specification");
      if (created.path("labels").has(Program.SERVES) && ports.containsKey(id)) {
        for (JsonNode binding : ports.get(id).path("bindings")) {
          String port = binding.path("hostPort").asText();
          String answer = after.network().run("busybox", "nc", "-w", "3", "127.0.0.1", port).out();
          if (!answer.strip().equals(Program.ANSWER)) {
            violations.add("Container " + id + " at port " + port + ": " + answer);
          }
        }
      }
    }
    return violations;
  }
}
