/**
 * The kernel ports of {@link dev.taffrail.core.linux}, by system calls through jnr-ffi. {@link
 * dev.taffrail.linux.Native} is the only class that names libc functions and kernel constants, but
 * for those of netlink in {@link dev.taffrail.linux.Rtnetlink} and libnftables in {@link
 * dev.taffrail.linux.Nftables}; every errno becomes a {@link
 * dev.taffrail.core.error.RuntimeFailure} on the thread that made the call. Everything that is
 * opened here is closed on exec.
 */
package dev.taffrail.linux;
