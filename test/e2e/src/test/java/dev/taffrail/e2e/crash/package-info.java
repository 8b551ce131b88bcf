/**
 * Kills a real daemon with SIGKILL at every edge of the life of a container and at random moments,
 * and checks after its next start that nothing was lost and nothing is left over.
 *
 * <p>A {@link dev.taffrail.e2e.crash.Scenario} is what clients do, a {@link
 * dev.taffrail.e2e.crash.Moment} is when the daemon dies, an {@link
 * dev.taffrail.e2e.crash.Invariant} is what must hold afterwards.
 */
package dev.taffrail.e2e.crash;
