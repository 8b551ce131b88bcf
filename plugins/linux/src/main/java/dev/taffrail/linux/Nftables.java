package dev.taffrail.linux;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import jnr.ffi.LibraryLoader;

/** The functions of libnftables(3), under their own names. */
final class Nftables {
  // From nftables/libnftables.h.
  static final int NFT_CTX_DEFAULT = 0;
  static final int NFT_CTX_OUTPUT_JSON = 1 << 4;

  /** The library of Debian 12 and later, and of all that ship nftables 0.9.1 or later. */
  private static final String LIBRARY = "libnftables.so.1";

  private static LibNftables loaded;

  private Nftables() {}

  /** Public because jnr-ffi implements it from another class loader. */
  public interface LibNftables {
    long nft_ctx_new(int flags);

    void nft_ctx_free(long context);

    int nft_ctx_buffer_output(long context);

    int nft_ctx_buffer_error(long context);

    /** Of the context, valid until the next call. */
    long nft_ctx_get_output_buffer(long context);

    /** Of the context, valid until the next call. */
    long nft_ctx_get_error_buffer(long context);

    void nft_ctx_output_set_flags(long context, int flags);

    int nft_run_cmd_from_buffer(long context, long commands);
  }

  /** Loads it with the first call; UNIMPLEMENTED while it is not installed. */
  static synchronized LibNftables library() {
    if (loaded == null) {
      loaded = load(LIBRARY);
    }
    return loaded;
  }

  static LibNftables load(String name) {
    try {
      return LibraryLoader.create(LibNftables.class).failImmediately().load(name);
    } catch (UnsatisfiedLinkError missing) {
      throw new RuntimeFailure(
          Kind.UNIMPLEMENTED,
          "Cannot use the packet filter: "
              + name
              + " is not installed (Debian's package libnftables1)",
          missing);
    }
  }
}
