package dev.taffrail.core.linux;

/** The packet filter of this host, nf_tables; see nft(8). Calls block and take turns. */
public interface PacketFilter {
  /**
   * Carries out commands as one transaction: all of them or none.
   *
   * @param commands in the language of nft(8), several lines
   */
  void apply(String commands);

  /** What nft(8) would print, as JSON; see libnftables-json(5). */
  String list(String command);
}
