package dev.taffrail.linux;

import jnr.ffi.LibraryLoader;

/** The functions and constants of libseccomp, under their own names; see seccomp.h. */
final class Seccomp {
  /** Part of its ABI; without the development files there is no shorter name. */
  private static final String LIBRARY = "libseccomp.so.2";

  static final int SCMP_ACT_KILL_PROCESS = 0x80000000;
  static final int SCMP_ACT_KILL_THREAD = 0x00000000;
  static final int SCMP_ACT_TRAP = 0x00030000;
  static final int SCMP_ACT_ERRNO = 0x00050000;
  static final int SCMP_ACT_TRACE = 0x7ff00000;
  static final int SCMP_ACT_LOG = 0x7ffc0000;
  static final int SCMP_ACT_ALLOW = 0x7fff0000;

  static final int SCMP_CMP_NE = 1;
  static final int SCMP_CMP_LT = 2;
  static final int SCMP_CMP_LE = 3;
  static final int SCMP_CMP_EQ = 4;
  static final int SCMP_CMP_GE = 5;
  static final int SCMP_CMP_GT = 6;
  static final int SCMP_CMP_MASKED_EQ = 7;

  /** {@code struct scmp_arg_cmp}: argument 4, operator 4, two values of 8. */
  static final int SCMP_ARG_CMP_SIZE = 24;

  static final int NR_SCMP_ERROR = -1;

  private Seccomp() {}

  /** UnsatisfiedLinkError when it is not installed. */
  static LibSeccomp load() {
    return LibraryLoader.create(LibSeccomp.class).failImmediately().load(LIBRARY);
  }

  /** Public because jnr-ffi implements it from another class loader. */
  public interface LibSeccomp {
    long seccomp_init(int defaultAction);

    void seccomp_release(long context);

    int seccomp_arch_resolve_name(long name);

    int seccomp_arch_add(long context, int architecture);

    int seccomp_syscall_resolve_name(long name);

    int seccomp_rule_add_array(long context, int action, int call, int count, long arguments);

    int seccomp_export_bpf(long context, int descriptor);
  }
}
