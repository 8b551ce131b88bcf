/**
 * Tasks: one OCI runtime and one monitor per container. {@link dev.taffrail.shim.ShimPlugin} offers
 * the contract {@link dev.taffrail.core.task.Tasks}; a {@code TaskMonitor} holds the container's
 * stdio, writes its log and its exit code, and outlives the daemon. Everything this package knows
 * about a task is on files in its bundle and in the kernel, so a restart finds it again.
 */
package dev.taffrail.shim;
