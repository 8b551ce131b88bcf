package dev.taffrail.core.linux;

/** Compiles seccomp filters; see seccomp(2) and libseccomp. */
public interface SeccompFilters {
  /**
   * The program as {@code struct sock_filter[]} in the machine's byte order, at most 32 KiB. A
   * system call that this machine's library does not know is left out, as OCI runtimes do.
   * UNIMPLEMENTED when libseccomp is not installed, INVALID_ARGUMENT when it refuses the filter.
   */
  byte[] compile(SeccompFilter filter);
}
