/**
 * Running one container's processes: an OCI bundle, a monitor that outlives the daemon, and an OCI
 * runtime. This contract keeps no state of its own in the log; whoever calls it writes the intent
 * before and the outcome after, and asks {@link dev.taffrail.core.task.Tasks#state} what came of an
 * effect after a crash.
 */
package dev.taffrail.core.task;
