package dev.taffrail.e2e;

import java.util.Set;

/** What moby changed in its profile between 20.10, Debian's, and 28.2, whose behaviour is ours. */
final class SeccompDifferences {
  static final Set<String> DENIED_SINCE =
      Set.of("io_uring_enter", "io_uring_register", "io_uring_setup");
  static final Set<String> ALLOWED_SINCE =
      Set.of(
          "cachestat",
          "fchmodat2",
          "futex_requeue",
          "futex_wait",
          "futex_wake",
          "getxattrat",
          "listmount",
          "listxattrat",
          "map_shadow_stack",
          "mseal",
          "name_to_handle_at",
          "pkey_alloc",
          "pkey_free",
          "pkey_mprotect",
          "process_vm_readv",
          "process_vm_writev",
          "removexattrat",
          "riscv_hwprobe",
          "setxattrat",
          "statmount",
          "uretprobe");

  private SeccompDifferences() {}
}
