/**
 * Keeps containers: pure deciders over the log's state, and sagas that carry out each durable
 * intent and record what came of it. A reconciler does at start what {@link
 * dev.taffrail.core.container.Lifecycle} says.
 */
package dev.taffrail.containers;
