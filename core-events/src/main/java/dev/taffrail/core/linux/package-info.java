/**
 * Ports to the kernel, as objects and never over the bus. {@code plugins/linux} implements them
 * with system calls; tests use recording fakes. All methods block; errno becomes a {@link
 * dev.taffrail.core.error.RuntimeFailure} whose message names the call, the object and the errno.
 */
package dev.taffrail.core.linux;
