package dev.taffrail.network.macvlan;

/** {@code network-driver.ipvlan}. */
public final class IpvlanPlugin extends ParentLinkPlugin {
  public IpvlanPlugin() {
    super(new Ipvlan());
  }
}
