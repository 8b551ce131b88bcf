package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AF_NETLINK;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.SOCK_CLOEXEC;
import static dev.taffrail.linux.Native.SOCK_RAW;
import static dev.taffrail.linux.Nftables.NFT_CTX_DEFAULT;
import static dev.taffrail.linux.Rtnetlink.NETLINK_NETFILTER;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.linux.Nftables.LibNftables;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A context of libnftables(3): a socket in the network namespace of the thread that opened it, and
 * what is known of the rules there. Names of links in {@code iif} are looked up in the namespace of
 * the calling thread.
 *
 * <p>The library ends the process when it cannot open a socket. So one is opened just before, which
 * leaves the moment in which another thread takes the last descriptor, and a lack of memory.
 */
final class NftContext implements AutoCloseable {
  /** It has state of its own beside the contexts. */
  private static final Object LIBRARY_LOCK = new Object();

  /** From asm-generic/errno-base.h: those that the kernel answers to a transaction. */
  private static final int[] ERRORS = {
    Native.ENOENT,
    Native.EEXIST,
    Native.EPERM,
    Native.EBUSY,
    Native.ENOMEM,
    Native.ENFILE,
    Native.EMFILE,
    Native.ENOSPC,
    Native.EOPNOTSUPP
  };

  /** Where in the line above it the error is. */
  private static final Pattern MARKS = Pattern.compile("[\\s^~]*");

  private final LibNftables library;
  private long context;

  private NftContext(LibNftables library, long context) {
    this.library = library;
    this.context = context;
  }

  /** UNIMPLEMENTED without the library or without nf_tables. */
  static NftContext open() {
    LibNftables library = Nftables.library();
    synchronized (LIBRARY_LOCK) {
      probe();
      long context = library.nft_ctx_new(NFT_CTX_DEFAULT);
      if (context == 0
          || library.nft_ctx_buffer_output(context) != 0
          || library.nft_ctx_buffer_error(context) != 0) {
        throw new RuntimeFailure(
            Kind.RESOURCE_EXHAUSTED, "Cannot use the packet filter: no memory for a context");
      }
      return new NftContext(library, context);
    }
  }

  /**
   * Carries out {@code commands} as one transaction; what nft(8) prints.
   *
   * @param flags for the output, NFT_CTX_OUTPUT
   */
  String run(String commands, int flags) {
    synchronized (LIBRARY_LOCK) {
      if (context == 0) {
        throw new RuntimeFailure(
            Kind.ABORTED, "Cannot change the packet filter: its context is closed");
      }
      probe();
      library.nft_ctx_output_set_flags(context, flags);
      int result;
      try (Arguments arguments = new Arguments()) {
        result = library.nft_run_cmd_from_buffer(context, arguments.string(commands));
      }
      // Both are read every time: reading empties them.
      String output = Native.stringAt(library.nft_ctx_get_output_buffer(context));
      String errors = Native.stringAt(library.nft_ctx_get_error_buffer(context));
      if (result != 0) {
        throw failure(errors);
      }
      return output;
    }
  }

  @Override
  public void close() {
    synchronized (LIBRARY_LOCK) {
      if (context != 0) {
        library.nft_ctx_free(context);
        context = 0;
      }
    }
  }

  private static void probe() {
    int socket = LIBC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    Native.closeQuietly(Native.check(socket, "use the packet filter"));
  }

  /**
   * The library has errors as text only: {@code Error: Could not process rule: File exists}, the
   * line of commands, marks below it. What the kernel did not say is a fault of the commands.
   */
  private static RuntimeFailure failure(String errors) {
    List<String> lines = new ArrayList<>();
    errors.lines().filter(line -> !MARKS.matcher(line).matches()).forEach(lines::add);
    Kind kind = Kind.INVALID_ARGUMENT;
    for (int errno : ERRORS) {
      // By the library's own words, whatever the locale.
      if (!lines.isEmpty() && lines.get(0).contains(Native.stringAt(LIBC.strerror(errno)))) {
        kind = Native.failure(errno, "").kind();
      }
    }
    return new RuntimeFailure(
        kind, "Cannot change the packet filter: " + String.join("; ", lines).strip());
  }
}
