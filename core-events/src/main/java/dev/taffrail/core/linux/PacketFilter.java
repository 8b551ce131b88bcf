package dev.taffrail.core.linux;

import java.nio.file.Path;

/**
 * The packet filter, nf_tables; see nft(8). Calls block and take turns. Commands name links with
 * {@code iifname} and {@code oifname}: {@code iif} and {@code oif} are looked up where the calling
 * thread is. NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION (in use) as the kernel says,
 * INVALID_ARGUMENT for what is no command, UNIMPLEMENTED without libnftables or nf_tables.
 */
public interface PacketFilter {
  /**
   * Carries out commands on this host as one transaction: all of them or none.
   *
   * @param commands in the language of nft(8), several lines
   */
  void apply(String commands);

  /** What nft(8) would print of this host, as JSON; see libnftables-json(5). */
  String list(String command);

  /**
   * As {@link #apply(String)}, in another network namespace; takes longer. NOT_FOUND also when
   * there is none.
   */
  void apply(Path namespace, String commands);

  /** As {@link #list(String)}, of another network namespace. */
  String list(Path namespace, String command);
}
