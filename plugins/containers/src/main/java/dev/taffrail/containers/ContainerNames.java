package dev.taffrail.containers;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Makes ids and names, and checks the names that clients choose. */
final class ContainerNames {
  private static final String CHARACTERS = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
  private static final Pattern FORM = Pattern.compile(CHARACTERS + "+");
  private static final int ID_BYTES = 32;
  private static final int ATTEMPTS = 6;

  /** How a ship or its weather may be. */
  private static final List<String> ADJECTIVES =
      List.of(
          "able",
          "ample",
          "amber",
          "anchored",
          "balmy",
          "bold",
          "brave",
          "breezy",
          "bright",
          "brisk",
          "buoyant",
          "calm",
          "candid",
          "cheerful",
          "clear",
          "clever",
          "coastal",
          "copper",
          "crisp",
          "curious",
          "daring",
          "dapper",
          "deft",
          "eager",
          "early",
          "earnest",
          "easterly",
          "fair",
          "fleet",
          "fond",
          "frank",
          "gallant",
          "gentle",
          "gilded",
          "glad",
          "grand",
          "handy",
          "hardy",
          "hearty",
          "hopeful",
          "jaunty",
          "jolly",
          "keen",
          "kind",
          "lively",
          "loyal",
          "lucid",
          "merry",
          "mild",
          "modest",
          "moonlit",
          "nimble",
          "noble",
          "northerly",
          "patient",
          "placid",
          "plucky",
          "polished",
          "prompt",
          "proud",
          "quick",
          "quiet",
          "ready",
          "robust",
          "salty",
          "seaworthy",
          "serene",
          "sharp",
          "silver",
          "snug",
          "sober",
          "southerly",
          "spirited",
          "stalwart",
          "starlit",
          "staunch",
          "steady",
          "sturdy",
          "sunny",
          "swift",
          "tidy",
          "trim",
          "trusty",
          "upbeat",
          "valiant",
          "vivid",
          "warm",
          "watchful",
          "westerly",
          "windward",
          "wise",
          "witty",
          "zesty");

  /** Seafarers, navigators, hydrographers and those who studied the sea. */
  private static final List<String> SURNAMES =
      List.of(
          "amundsen",
          "anson",
          "baffin",
          "banks",
          "baret",
          "barents",
          "baudin",
          "beaufort",
          "bering",
          "bligh",
          "bougainville",
          "bowditch",
          "cabot",
          "carson",
          "cartier",
          "celsing",
          "chichester",
          "cook",
          "cousteau",
          "dampier",
          "davis",
          "drake",
          "earle",
          "elcano",
          "eriksson",
          "fitzroy",
          "flinders",
          "forbes",
          "franklin",
          "frobisher",
          "gama",
          "gray",
          "hadley",
          "halley",
          "harrison",
          "heyerdahl",
          "hudson",
          "humboldt",
          "ibnmajid",
          "jones",
          "juan",
          "kotzebue",
          "krusenstern",
          "laperouse",
          "lovelock",
          "magellan",
          "mahan",
          "marsigli",
          "maury",
          "mawson",
          "mendes",
          "mercator",
          "moitessier",
          "murray",
          "nansen",
          "nares",
          "nelson",
          "nordenskiold",
          "parry",
          "peary",
          "piccard",
          "pinzon",
          "pytheas",
          "raleigh",
          "ross",
          "scoresby",
          "shackleton",
          "slocum",
          "smeaton",
          "stokes",
          "sverdrup",
          "tabarly",
          "tasman",
          "tharp",
          "thomson",
          "torres",
          "urdaneta",
          "vancouver",
          "vespucci",
          "waldseemuller",
          "wallis",
          "weddell",
          "wilkes",
          "worsley",
          "zheng");

  private final RandomGenerator random;

  ContainerNames(RandomGenerator random) {
    this.random = random;
  }

  static ContainerNames secure() {
    return new ContainerNames(new SecureRandom());
  }

  /** 64 hex digits. */
  String id() {
    byte[] bytes = new byte[ID_BYTES];
    String id;
    do {
      random.nextBytes(bytes);
      id = HexFormat.of().formatHex(bytes);
    } while (isDecimal(id.substring(0, 12)));
    return id;
  }

  // A short id becomes a host name, and one of digits alone reads as a number.
  private static boolean isDecimal(String text) {
    return text.chars().allMatch(Character::isDigit);
  }

  /**
   * The name asked for, or some to try in order; the last resort is the short id. INVALID_ARGUMENT
   * in Docker's words.
   */
  List<String> candidates(Optional<String> asked, String id) {
    if (asked.isPresent() && !asked.get().isEmpty()) {
      return List.of(checked(asked.get()));
    }
    List<String> names = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String name = pick(ADJECTIVES) + "_" + pick(SURNAMES);
      names.add(attempt == 0 ? name : name + random.nextInt(10));
    }
    names.add(id.substring(0, 12));
    return names;
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  private static String checked(String asked) {
    String name = asked.startsWith("/") ? asked.substring(1) : asked;
    if (!FORM.matcher(name).matches()) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Invalid container name (" + asked + "), only " + CHARACTERS + " are allowed");
    }
    return name;
  }
}
