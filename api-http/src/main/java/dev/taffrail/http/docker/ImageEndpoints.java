package dev.taffrail.http.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.ImageReference;
import dev.taffrail.core.image.ImageView;
import dev.taffrail.core.image.Images;
import dev.taffrail.core.image.ImportRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/** Import, list, inspect and remove images. */
final class ImageEndpoints {
  private static final Set<String> FILTERS =
      Set.of("reference", "dangling", "label", "before", "since");

  private final Vertx vertx;
  private final Images images;

  ImageEndpoints(Vertx vertx, Images images) {
    this.vertx = vertx;
    this.images = images;
  }

  void addTo(EndpointTable table) {
    table
        .get("/images/json", this::list)
        .get("/images/{name}/json", this::inspect)
        .get("/images/{name}/history", this::history)
        .post("/images/{name}/tag", this::tag)
        .post("/images/create", this::create)
        .delete("/images/{name}", this::remove);
  }

  private Future<Void> create(Exchange exchange) {
    Optional<String> fromImage = exchange.query("fromImage");
    if (fromImage.isPresent()) {
      throw new RuntimeFailure(
          Kind.NOT_FOUND,
          "pull access denied for "
              + familiar(fromImage.get())
              + ": Taffrail does not pull from registries yet; make an image with docker import");
    }
    String source = exchange.query("fromSrc").orElse("");
    if (!source.equals("-")) {
      throw new RuntimeFailure(
          source.isEmpty() ? Kind.INVALID_ARGUMENT : Kind.UNIMPLEMENTED,
          source.isEmpty()
              ? "one of fromImage and fromSrc is needed"
              : "Taffrail does not import from " + source + " yet; send the archive");
    }
    ImportRequest request =
        new ImportRequest(
            new BodyStream(vertx.getOrCreateContext(), exchange.request()),
            reference(exchange),
            exchange.queries("changes").stream().filter(change -> !change.isBlank()).toList(),
            exchange.query("message"),
            exchange.query("platform"));
    return images
        .importArchive(exchange.call(), request)
        .compose(
            view ->
                exchange
                    .response()
                    .putHeader("Content-Type", "application/json")
                    .end(
                        Buffer.buffer(
                            Json.object().put("status", view.image().id().toString()) + "\r\n")));
  }

  private static String familiar(String name) {
    try {
      return ImageReference.parse(name).familiarName();
    } catch (RuntimeFailure e) {
      return name;
    }
  }

  private static Optional<ImageReference> reference(Exchange exchange) {
    Optional<String> repository = exchange.query("repo");
    Optional<String> tag = exchange.query("tag");
    if (repository.isEmpty()) {
      return Optional.empty();
    }
    ImageReference reference = ImageReference.parse(repository.get());
    if (reference.digest().isPresent()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "cannot import digest reference " + repository.get());
    }
    return Optional.of(tagged(reference, tag));
  }

  private static ImageReference tagged(ImageReference reference, Optional<String> tag) {
    return (tag.isPresent()
            ? ImageReference.parse(reference.familiarName() + ":" + tag.get())
            : reference)
        .withDefaultTag();
  }

  private Future<Void> tag(Exchange exchange) {
    ImageReference reference = ImageReference.parse(exchange.query("repo").orElse(""));
    if (reference.digest().isPresent()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "refusing to create a tag with a digest reference");
    }
    return images
        .tag(exchange.call(), exchange.name(), tagged(reference, exchange.query("tag")))
        .compose(tagged -> exchange.response().setStatusCode(201).end());
  }

  private Future<Void> history(Exchange exchange) {
    exchange.refuse("platform");
    return images
        .get(exchange.call(), exchange.name())
        .compose(
            view ->
                images
                    .history(exchange.call(), view.image().id().toString())
                    .compose(steps -> exchange.json(ImageJson.history(view, steps))));
  }

  private Future<Void> list(Exchange exchange) {
    exchange.refuse("manifests");
    Filters filters = exchange.filters(FILTERS);

    return images
        .list(exchange.call())
        .compose(
            all ->
                limits(exchange, filters, all)
                    .compose(
                        window -> {
                          ArrayNode answer = Json.array();
                          for (ImageView view : window) {
                            shown(view, filters)
                                .ifPresent(
                                    references ->
                                        answer.add(
                                            ImageJson.summary(
                                                view, references, exchange.version())));
                          }
                          return exchange.json(answer);
                        }));
  }

  /** What lies between {@code since} and {@code before}; the list is newest first. */
  private Future<List<ImageView>> limits(Exchange exchange, Filters filters, List<ImageView> all) {
    Future<Map<String, Digest>> marks = Future.succeededFuture(new HashMap<>());
    for (String filter : List.of("before", "since")) {
      for (String name : filters.get(filter)) {
        marks =
            marks.compose(
                known ->
                    images
                        .get(exchange.call(), name)
                        .map(
                            view -> {
                              known.put(filter, view.image().id());
                              return known;
                            }));
      }
    }
    return marks.map(
        known -> {
          List<ImageView> window = new ArrayList<>();
          boolean inside = !known.containsKey("before");
          for (ImageView view : all) {
            Digest id = view.image().id();
            if (id.equals(known.get("since"))) {
              break;
            }
            if (inside) {
              window.add(view);
            }
            inside |= id.equals(known.get("before"));
          }
          return window;
        });
  }

  /** The references to show, or empty when the image is not wanted. */
  private static Optional<List<String>> shown(ImageView view, Filters filters) {
    List<String> references = view.references();
    if (!filters.matchesBoolean("dangling", references.isEmpty())
        || !filters.matchesLabels("label", view.image().configuration().labels())) {
      return Optional.empty();
    }
    if (!filters.has("reference")) {
      return Optional.of(references);
    }
    List<String> matching =
        references.stream()
            .filter(
                text -> {
                  ImageReference reference = ImageReference.parse(text);
                  return filters.any(
                      "reference",
                      pattern ->
                          matches(pattern, reference.familiar())
                              || matches(pattern, reference.familiarName()));
                })
            .toList();
    return matching.isEmpty() ? Optional.empty() : Optional.of(matching);
  }

  private static boolean matches(String pattern, String reference) {
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      return matcher.matches(Path.of(reference));
    } catch (PatternSyntaxException e) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "invalid filter 'reference=[" + pattern + "]'", e);
    }
  }

  private Future<Void> inspect(Exchange exchange) {
    exchange.refuse("manifests");
    return images
        .get(exchange.call(), exchange.name())
        .compose(view -> exchange.json(ImageJson.inspect(view, exchange.version())));
  }

  private Future<Void> remove(Exchange exchange) {
    exchange.refuse("platforms");
    return images
        .remove(exchange.call(), exchange.name(), exchange.flag("force"))
        .compose(removal -> exchange.json(ImageJson.removal(removal)));
  }
}
