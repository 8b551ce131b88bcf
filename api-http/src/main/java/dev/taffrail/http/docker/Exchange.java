package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One request and its answer, in the terms of Docker's API.
 *
 * @param name the variable part of the path; empty when it has none
 */
record Exchange(RoutingContext routing, CallContext call, ApiVersion version, String name) {
  private static final Set<String> FALSE = Set.of("", "0", "no", "false", "none");

  HttpServerRequest request() {
    return routing.request();
  }

  HttpServerResponse response() {
    return routing.response();
  }

  Optional<String> query(String parameter) {
    return Optional.ofNullable(request().getParam(parameter)).filter(value -> !value.isEmpty());
  }

  List<String> queries(String parameter) {
    return request().params().getAll(parameter);
  }

  /** As moby reads booleans: everything is true but the empty text, 0, no, false and none. */
  boolean flag(String parameter) {
    return flag(parameter, false);
  }

  boolean flag(String parameter, boolean otherwise) {
    String value = request().getParam(parameter);
    return value == null ? otherwise : !FALSE.contains(value.strip().toLowerCase(Locale.ROOT));
  }

  /** INVALID_ARGUMENT when it is given and no whole number. */
  OptionalInt number(String parameter) {
    Optional<String> text = query(parameter);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(text.get()));
    } catch (NumberFormatException e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "invalid value for " + parameter + ": not a whole number: " + text.get(),
          e);
    }
  }

  /** The {@code filters} parameter; INVALID_ARGUMENT when a filter is none of {@code known}. */
  Filters filters(Set<String> known) {
    Filters filters = Filters.parse(query("filters").orElse(""));
    filters.check(known);
    return filters;
  }

  /** UNIMPLEMENTED, naming the parameter, when it is set. */
  void refuse(String parameter) {
    if (flag(parameter)) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED, "Taffrail does not support the parameter " + parameter + " yet");
    }
  }

  Future<Void> json(int status, JsonNode value) {
    request().resume();
    return response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(Json.line(value));
  }

  Future<Void> json(JsonNode value) {
    return json(200, value);
  }

  Future<Void> noContent() {
    request().resume();
    return response().setStatusCode(204).end();
  }

  /**
   * The body as JSON; empty without a body. INVALID_ARGUMENT for another content type, for what is
   * not JSON and beyond {@code limit} bytes.
   */
  Future<Optional<JsonNode>> jsonBody(int limit) {
    return body(limit)
        .map(
            bytes -> {
              if (bytes.length() == 0) {
                return Optional.<JsonNode>empty();
              }
              String type = Optional.ofNullable(request().getHeader("Content-Type")).orElse("");
              if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
                throw new RuntimeFailure(
                    Kind.INVALID_ARGUMENT,
                    "unsupported Content-Type header (" + type + "): must be 'application/json'");
              }
              return Optional.of(Json.parse(bytes.toString(), "invalid JSON"));
            });
  }

  private Future<Buffer> body(int limit) {
    if (request().isEnded()) {
      return Future.succeededFuture(Buffer.buffer());
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer received = Buffer.buffer();
    request().exceptionHandler(whole::tryFail);
    request()
        .handler(
            part -> {
              if (received.length() + part.length() <= limit) {
                received.appendBuffer(part);
              } else {
                whole.tryFail(
                    new RuntimeFailure(
                        Kind.INVALID_ARGUMENT,
                        "request body too large: at most " + limit + " bytes"));
              }
            });
    request().endHandler(end -> whole.tryComplete(received));
    request().resume();
    return whole.future();
  }
}
