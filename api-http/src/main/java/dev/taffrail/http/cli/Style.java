package dev.taffrail.http.cli;

/** How a word of the output looks on a terminal that has colours (ECMA-48, SGR). */
enum Style {
  CURSOR("33"),
  TIME("2"),
  TYPE("36"),
  SUBJECT("1"),
  DETAIL("2"),
  ADDED("32"),
  REMOVED("31"),
  GOOD("32"),
  BAD("1;31"),
  HEADING("1");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  String paint(String text) {
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
