package dev.taffrail.core.log;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** An event that was just committed. */
record Appended(EventHeader header, Frame frame) {
  LoggedEvent toLogged() {
    HexFormat hex = HexFormat.of();
    return new LoggedEvent(
        header,
        frame.payload().map(json -> new String(json, StandardCharsets.UTF_8)),
        hex.formatHex(frame.hash()),
        hex.formatHex(frame.previousHash()));
  }
}
