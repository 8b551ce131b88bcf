package dev.taffrail.core.plugin;

import java.util.List;

/** A kernel port: what is loaded and how it fares. */
public interface PluginListing {
  /** In start order; the ones that were not started come last. */
  List<PluginStatus> plugins();
}
