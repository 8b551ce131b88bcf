/**
 * The one exception that crosses a boundary, {@link dev.taffrail.core.error.RuntimeFailure}, and
 * the closed list of kinds that callers act on.
 */
package dev.taffrail.core.error;
