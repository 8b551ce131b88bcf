package dev.taffrail.core.image;

import dev.taffrail.core.content.Digest;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A reference in Docker's normal form, {@code docker.io/library/busybox:latest}. Grammar:
 * distribution reference, with the familiar short forms of the docker command.
 *
 * @param domain {@code docker.io}, {@code localhost:5000}
 * @param path {@code library/busybox}
 */
public record ImageReference(
    String domain, String path, Optional<String> tag, Optional<Digest> digest) {
  private static final String DOMAIN = "docker.io";
  private static final String LIBRARY = "library/";
  private static final Pattern PATH_COMPONENT =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}", Pattern.UNICODE_CASE);
  private static final Pattern DOMAIN_FORM =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?|\\[[a-fA-F0-9:]+\\](?::[0-9]+)?");

  /** Docker's text for it: INVALID_ARGUMENT {@code invalid reference format}. */
  public static ImageReference parse(String text) {
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      try {
        digest = Optional.of(Digest.parse(rest.substring(at + 1)));
      } catch (RuntimeFailure e) {
        throw invalid("invalid reference format", e);
      }
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
      if (!TAG.matcher(tag.get()).matches()) {
        throw invalid("invalid reference format", null);
      }
    }
    String domain = DOMAIN;
    String path = rest;
    int slash = rest.indexOf('/');
    if (slash > 0) {
      String first = rest.substring(0, slash);
      if (first.contains(".")
          || first.contains(":")
          || first.equals("localhost")
          || !first.toLowerCase(java.util.Locale.ROOT).equals(first)) {
        domain = first.equals("index.docker.io") ? DOMAIN : first;
        path = rest.substring(slash + 1);
      }
    }
    if (!DOMAIN_FORM.matcher(domain).matches()) {
      throw invalid("invalid reference format", null);
    }
    if (!path.toLowerCase(java.util.Locale.ROOT).equals(path)) {
      String whole = domain.equals(DOMAIN) && path.indexOf('/') < 0 ? LIBRARY + path : path;
      throw invalid(
          "invalid reference format: repository name (" + whole + ") must be lowercase", null);
    }
    for (String component : path.split("/", -1)) {
      if (!PATH_COMPONENT.matcher(component).matches()) {
        throw invalid("invalid reference format", null);
      }
    }
    if (domain.equals(DOMAIN) && path.indexOf('/') < 0) {
      path = LIBRARY + path;
    }
    return new ImageReference(domain, path, tag, digest);
  }

  private static RuntimeFailure invalid(String message, Throwable cause) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message, cause);
  }

  /** The same with {@code latest} when it has neither tag nor digest. */
  public ImageReference withDefaultTag() {
    return tag.isPresent() || digest.isPresent()
        ? this
        : new ImageReference(domain, path, Optional.of("latest"), digest);
  }

  /** As people write it: {@code busybox}, {@code me/tool}, {@code localhost:5000/x}. */
  public String familiarName() {
    if (!domain.equals(DOMAIN)) {
      return domain + "/" + path;
    }
    return path.startsWith(LIBRARY) ? path.substring(LIBRARY.length()) : path;
  }

  /** {@code busybox:latest}. */
  public String familiar() {
    return familiarName() + suffix();
  }

  private String suffix() {
    return tag.map(name -> ":" + name).orElse("") + digest.map(name -> "@" + name).orElse("");
  }

  /** The normal form. */
  @Override
  public String toString() {
    return domain + "/" + path + suffix();
  }
}
