package dev.taffrail.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.image.ImageConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Applies Dockerfile instructions to an empty configuration, as {@code docker import --change}.
 * INVALID_ARGUMENT in Docker's words.
 */
final class Changes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SHELL = List.of("/bin/sh", "-c");
  private static final Set<String> KNOWN =
      Set.of(
          "CMD",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "LABEL",
          "ONBUILD",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR",
          "HEALTHCHECK");

  /** Those that take one word. */
  private static final Set<String> SINGLE = Set.of("STOPSIGNAL", "USER", "WORKDIR");

  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/(\\w+))?");
  private static final Pattern SIGNAL =
      Pattern.compile(
          "(SIG)?(HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT"
              + "|CHLD|CLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR"
              + "|SYS|RTMIN(\\+1?\\d)?|RTMAX(-1?\\d)?)|[1-9]|[1-5]\\d|6[0-4]");

  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, String> labels = new TreeMap<>();
  private final Set<String> ports = new TreeSet<>();
  private final Set<String> volumes = new TreeSet<>();
  private final List<String> onBuild = new ArrayList<>();
  private Optional<List<String>> entrypoint = Optional.empty();
  private Optional<List<String>> command = Optional.empty();
  private Optional<String> user = Optional.empty();
  private Optional<String> workingDirectory = Optional.empty();
  private Optional<String> stopSignal = Optional.empty();
  private boolean commandGiven;

  private Changes() {}

  private record Instruction(String name, String original, String arguments) {}

  static ImageConfiguration apply(List<String> changes) {
    List<Instruction> instructions = instructions(changes);
    for (Instruction instruction : instructions) {
      if (!KNOWN.contains(instruction.name())) {
        throw invalid(instruction.original() + " is not a valid change command");
      }
    }
    Changes result = new Changes();
    instructions.forEach(result::apply);
    return result.configuration();
  }

  // A trailing backslash continues a line; lines that begin with # say nothing.
  private static List<Instruction> instructions(List<String> changes) {
    List<Instruction> instructions = new ArrayList<>();
    String begun = "";
    for (String line : String.join("\n", changes).split("\n", -1)) {
      if (line.isBlank() || line.strip().startsWith("#")) {
        continue;
      }
      String text = begun + (begun.isEmpty() ? line.strip() : line.stripTrailing());
      if (text.endsWith("\\")) {
        begun = text.substring(0, text.length() - 1);
      } else {
        instructions.add(instruction(text));
        begun = "";
      }
    }
    if (!begun.isEmpty()) {
      instructions.add(instruction(begun));
    }
    return instructions;
  }

  private static Instruction instruction(String text) {
    String[] parts = text.split("\\s+", 2);
    return new Instruction(
        parts[0].toUpperCase(Locale.ROOT), parts[0], parts.length > 1 ? parts[1].strip() : "");
  }

  private void apply(Instruction instruction) {
    String arguments = instruction.arguments();
    if (arguments.isEmpty() && instruction.name().equals("CMD")) {
      // As with Docker, which puts its shell before nothing.
      command = Optional.of(SHELL);
      return;
    }
    if (arguments.isEmpty()) {
      throw invalid(
          instruction.name()
              + " requires "
              + (SINGLE.contains(instruction.name()) ? "exactly" : "at least")
              + " one argument");
    }
    switch (instruction.name()) {
      case "CMD" -> {
        command = Optional.of(program(arguments));
        commandGiven = true;
      }
      case "ENTRYPOINT" -> {
        entrypoint = Optional.of(program(arguments));
        if (!commandGiven) {
          command = Optional.empty();
        }
      }
      case "ENV" -> pairs("ENV", arguments).forEach(this::setVariable);
      case "EXPOSE" -> words(arguments).forEach(this::expose);
      case "LABEL" -> pairs("LABEL", arguments).forEach(pair -> labels.put(pair.key, pair.value));
      case "ONBUILD" -> onBuild.add(trigger(arguments));
      case "STOPSIGNAL" -> stopSignal = Optional.of(signal(single(instruction)));
      case "USER" -> user = Optional.of(single(instruction));
      case "VOLUME" -> volumes(arguments).forEach(this::addVolume);
      case "WORKDIR" -> workingDirectory = Optional.of(directory(expand(arguments)));
      default ->
          throw new RuntimeFailure(
              Kind.UNIMPLEMENTED, instruction.name() + " is not supported yet by import");
    }
  }

  private ImageConfiguration configuration() {
    return new ImageConfiguration(
        user,
        environment.entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).toList(),
        entrypoint,
        command,
        workingDirectory,
        labels,
        List.copyOf(ports),
        List.copyOf(volumes),
        stopSignal,
        onBuild,
        Optional.empty());
  }

  private record Pair(String key, String value) {}

  private void setVariable(Pair pair) {
    environment.put(pair.key, pair.value);
  }

  // NAME=value …, or the older form with one name, blanks, and the rest of the line.
  private List<Pair> pairs(String name, String arguments) {
    List<String> words = DockerfileWords.split(arguments);
    List<Pair> pairs = new ArrayList<>();
    if (words.get(0).indexOf('=') < 0) {
      String[] parts = arguments.split("\\s+", 2);
      if (parts.length < 2) {
        throw invalid(name + " must have two arguments");
      }
      pairs.add(new Pair(expand(parts[0]), expand(parts[1])));
      return pairs;
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw invalid(
            "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
      }
      String key = expand(word.substring(0, equals));
      if (key.isEmpty()) {
        throw invalid(name + " names can not be blank");
      }
      pairs.add(new Pair(key, expand(word.substring(equals + 1))));
    }
    return pairs;
  }

  private static List<String> program(String arguments) {
    Optional<List<String>> json = jsonStrings(arguments);
    if (json.isPresent()) {
      return json.get();
    }
    List<String> words = new ArrayList<>(SHELL);
    words.add(arguments);
    return words;
  }

  // What looks like JSON but is none is the shell form, as with Docker.
  private static Optional<List<String>> jsonStrings(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try {
      JsonNode tree = JSON.readTree(text);
      List<String> strings = new ArrayList<>();
      for (JsonNode element : tree) {
        if (!element.isTextual()) {
          return Optional.empty();
        }
        strings.add(element.textValue());
      }
      return Optional.of(strings);
    } catch (JsonProcessingException notJson) {
      return Optional.empty();
    }
  }

  private void expose(String text) {
    Matcher matcher = PORTS.matcher(text);
    if (!matcher.matches()) {
      throw invalid("invalid containerPort: " + text);
    }
    String protocol = Optional.ofNullable(matcher.group(3)).orElse("tcp").toLowerCase(Locale.ROOT);
    if (!Set.of("tcp", "udp", "sctp").contains(protocol)) {
      throw invalid("invalid proto: " + protocol);
    }
    int first = Integer.parseInt(matcher.group(1));
    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (last < first || last > 65535) {
      throw invalid("invalid containerPort: " + text);
    }
    for (int port = first; port <= last; port++) {
      ports.add(port + "/" + protocol);
    }
  }

  private static String trigger(String arguments) {
    String name = arguments.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    if (name.equals("ONBUILD")) {
      throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    }
    if (name.equals("FROM") || name.equals("MAINTAINER")) {
      throw invalid(name + " isn't allowed as an ONBUILD trigger");
    }
    return arguments;
  }

  private static String signal(String text) {
    if (!SIGNAL.matcher(text.toUpperCase(Locale.ROOT)).matches()) {
      throw invalid("invalid signal: " + text);
    }
    return text;
  }

  private List<String> volumes(String arguments) {
    return jsonStrings(arguments)
        .map(paths -> paths.stream().map(this::expand).toList())
        .orElseGet(() -> words(arguments));
  }

  private void addVolume(String path) {
    if (path.isBlank()) {
      throw invalid("VOLUME specified can not be an empty string");
    }
    volumes.add(path.strip());
  }

  private String directory(String text) {
    if (text.isEmpty()) {
      throw invalid("cannot normalize nothing");
    }
    return Path.of(workingDirectory.orElse("/")).resolve(text).normalize().toString();
  }

  private String single(Instruction instruction) {
    List<String> words = words(instruction.arguments());
    if (words.size() != 1) {
      throw invalid(instruction.name() + " requires exactly one argument");
    }
    return words.get(0);
  }

  private List<String> words(String arguments) {
    return DockerfileWords.split(arguments).stream().map(this::expand).toList();
  }

  private String expand(String text) {
    return DockerfileWords.expand(text, environment);
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Kind.INVALID_ARGUMENT, message);
  }
}
