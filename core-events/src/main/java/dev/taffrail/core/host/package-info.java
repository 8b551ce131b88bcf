/**
 * The daemon's main and its plugin host. {@link dev.taffrail.core.host.PluginHost} finds plugins,
 * starts them in the order of their requirements and keeps their failures to themselves; contracts
 * travel over the event bus by reference, between a proxy that knows the deadline and a consumer on
 * the provider's own context. {@link dev.taffrail.core.host.Taffraild} reads the configuration,
 * opens the event log and runs the host until a signal arrives. It names no plugin.
 */
package dev.taffrail.core.host;
