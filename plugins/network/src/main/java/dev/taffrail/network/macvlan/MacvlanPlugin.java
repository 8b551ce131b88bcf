package dev.taffrail.network.macvlan;

/** {@code network-driver.macvlan}. */
public final class MacvlanPlugin extends ParentLinkPlugin {
  public MacvlanPlugin() {
    super(new Macvlan());
  }
}
