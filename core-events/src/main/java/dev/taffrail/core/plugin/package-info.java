/**
 * What a plugin is and what the daemon hands it. A plugin is found with {@code ServiceLoader},
 * declares an id, a {@link dev.taffrail.core.plugin.PluginType} and requirements, and offers its
 * contract on the event bus; others hold a proxy from {@link
 * dev.taffrail.core.plugin.PluginContext#require}.
 */
package dev.taffrail.core.plugin;
