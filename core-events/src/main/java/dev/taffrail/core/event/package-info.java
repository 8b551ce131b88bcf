/**
 * How events, state rows and decisions are declared. An {@link dev.taffrail.core.event.EventFamily}
 * names the types of a sealed family as they are stored and folds each event into {@link
 * dev.taffrail.core.event.Rows}; a {@link dev.taffrail.core.event.Decider} turns a {@link
 * dev.taffrail.core.event.StateView} and a command into a {@link dev.taffrail.core.event.Decision}.
 * Everything here is pure: no clock, no disk, no threads.
 */
package dev.taffrail.core.event;
