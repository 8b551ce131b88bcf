package dev.taffrail.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
  /** Numbers from asm-generic/errno-base.h and asm-generic/errno.h. */
  @ParameterizedTest
  @CsvSource({
    "1, EPERM, PERMISSION_DENIED",
    "2, ENOENT, NOT_FOUND",
    "3, ESRCH, NOT_FOUND",
    "5, EIO, INTERNAL",
    "12, ENOMEM, RESOURCE_EXHAUSTED",
    "13, EACCES, PERMISSION_DENIED",
    "16, EBUSY, FAILED_PRECONDITION",
    "17, EEXIST, ALREADY_EXISTS",
    "19, ENODEV, NOT_FOUND",
    "18, EXDEV, INVALID_ARGUMENT",
    "20, ENOTDIR, FAILED_PRECONDITION",
    "21, EISDIR, FAILED_PRECONDITION",
    "22, EINVAL, INVALID_ARGUMENT",
    "23, ENFILE, RESOURCE_EXHAUSTED",
    "24, EMFILE, RESOURCE_EXHAUSTED",
    "28, ENOSPC, RESOURCE_EXHAUSTED",
    "30, EROFS, FAILED_PRECONDITION",
    "32, EPIPE, ABORTED",
    "34, ERANGE, INVALID_ARGUMENT",
    "36, ENAMETOOLONG, INVALID_ARGUMENT",
    "38, ENOSYS, UNIMPLEMENTED",
    "39, ENOTEMPTY, FAILED_PRECONDITION",
    "40, ELOOP, INVALID_ARGUMENT",
    "93, EPROTONOSUPPORT, UNIMPLEMENTED",
    "95, EOPNOTSUPP, UNIMPLEMENTED",
    "97, EAFNOSUPPORT, UNIMPLEMENTED",
    "98, EADDRINUSE, ALREADY_EXISTS",
    "99, EADDRNOTAVAIL, FAILED_PRECONDITION",
    "100, ENETDOWN, FAILED_PRECONDITION",
    "101, ENETUNREACH, FAILED_PRECONDITION",
    "104, ECONNRESET, ABORTED",
    "105, ENOBUFS, RESOURCE_EXHAUSTED",
    "111, ECONNREFUSED, UNAVAILABLE",
    "113, EHOSTUNREACH, FAILED_PRECONDITION",
    "122, EDQUOT, RESOURCE_EXHAUSTED",
  })
  void everyErrorHasItsKindAndKeepsItsName(int errno, String name, Kind kind) {
    RuntimeFailure failure = Native.failure(errno, "try");
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessageStartingWith("Cannot try: " + name + ", ");
  }

  @Test
  void anUnknownErrorKeepsItsNumber() {
    assertThat(Native.failure(4711, "try")).hasMessageStartingWith("Cannot try: errno 4711");
  }
}
