package dev.taffrail.network.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The versions of the specification that lists may have here, in their order. */
enum CniVersion {
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  /** Empty for one that nobody knows here. */
  static Optional<CniVersion> find(String text) {
    return Arrays.stream(values()).filter(version -> version.text.equals(text)).findFirst();
  }

  /** All of them, for messages. */
  static String known() {
    return List.of(values()).stream().map(CniVersion::toString).collect(Collectors.joining(", "));
  }

  /** CHECK, and results of earlier calls for DEL. */
  boolean hasCheck() {
    return compareTo(V0_4_0) >= 0;
  }

  /** GC and STATUS. */
  boolean hasUpkeep() {
    return compareTo(V1_1_0) >= 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
