package dev.taffrail.linux;

import static dev.taffrail.linux.Native.AF_NETLINK;
import static dev.taffrail.linux.Native.EAGAIN;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MSG_PEEK;
import static dev.taffrail.linux.Native.MSG_TRUNC;
import static dev.taffrail.linux.Native.SOCK_CLOEXEC;
import static dev.taffrail.linux.Native.SOCK_RAW;
import static dev.taffrail.linux.Native.SOL_SOCKET;
import static dev.taffrail.linux.Native.SO_RCVTIMEO;
import static dev.taffrail.linux.Rtnetlink.NETLINK_CAP_ACK;
import static dev.taffrail.linux.Rtnetlink.NETLINK_EXT_ACK;
import static dev.taffrail.linux.Rtnetlink.NETLINK_GET_STRICT_CHK;
import static dev.taffrail.linux.Rtnetlink.NETLINK_ROUTE;
import static dev.taffrail.linux.Rtnetlink.NLMSGERR_ATTR_MSG;
import static dev.taffrail.linux.Rtnetlink.NLMSG_DONE;
import static dev.taffrail.linux.Rtnetlink.NLMSG_ERROR;
import static dev.taffrail.linux.Rtnetlink.NLMSG_HDRLEN;
import static dev.taffrail.linux.Rtnetlink.NLM_F_ACK_TLVS;
import static dev.taffrail.linux.Rtnetlink.NLM_F_CAPPED;
import static dev.taffrail.linux.Rtnetlink.NLM_F_DUMP_INTR;
import static dev.taffrail.linux.Rtnetlink.SOL_NETLINK;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket of rtnetlink(7) in the network namespace of the thread that opened it. One request after
 * another: the kernel has carried a request out when send(2) returns, and its answers wait.
 */
final class NetlinkSocket implements AutoCloseable {
  /** Dumps that changes cut into are asked for again; a busy host may do that a few times. */
  private static final int DUMP_TRIES = 20;

  /** The kernel answers before send(2) returns, so nothing but its failure lasts this long. */
  private static final int TIMEOUT_SECONDS = 10;

  /** Of one datagram of a dump the kernel makes at most this, when the reader has room for it. */
  private static final int DUMP_SIZE = 32 * 1024;

  private static final int REQUEST_SIZE = 1024;

  private final int socket;
  private final NativeBuffer request = new NativeBuffer(REQUEST_SIZE);
  private NativeBuffer answer = new NativeBuffer(DUMP_SIZE);
  private int sequence;
  private boolean closed;

  private NetlinkSocket(int socket) {
    this.socket = socket;
  }

  static NetlinkSocket open() {
    String action = "open a netlink socket";
    int socket =
        Native.check(LIBC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), action);
    try (Arguments arguments = new Arguments()) {
      NativeBuffer on = arguments.allocate(Integer.BYTES);
      on.bytes.putInt(0, 1);
      for (int option : new int[] {NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK}) {
        Native.check(
            LIBC.setsockopt(socket, SOL_NETLINK, option, on.address, Integer.BYTES), action);
      }
      // struct timeval: seconds, microseconds.
      NativeBuffer timeout = arguments.allocate(2 * Long.BYTES);
      timeout.bytes.putLong(0, TIMEOUT_SECONDS);
      Native.check(
          LIBC.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, timeout.address, 2 * Long.BYTES),
          action);
      return new NetlinkSocket(socket);
    } catch (RuntimeFailure failure) {
      LIBC.close(socket);
      throw failure;
    }
  }

  /**
   * The answers, each from its family's fixed part on, when the kernel has acknowledged or the dump
   * is at its end.
   *
   * @param action for messages, as "make the bridge NAME"
   */
  synchronized List<ByteBuffer> exchange(NetlinkMessage message, String action) {
    if (closed) {
      throw new RuntimeFailure(Kind.ABORTED, "Cannot " + action + ": the socket is closed");
    }
    for (int tries = 0; tries < DUMP_TRIES; tries++) {
      send(message, action);
      List<ByteBuffer> answers = new ArrayList<>();
      if (receiveAll(answers, action)) {
        return answers;
      }
    }
    throw new RuntimeFailure(
        Kind.ABORTED,
        "Cannot " + action + ": it changed " + DUMP_TRIES + " times while it was read");
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      LIBC.close(socket);
    }
  }

  private void send(NetlinkMessage message, String action) {
    sequence++;
    request.bytes.clear().put(message.encode(sequence));
    while (LIBC.send(socket, request.address, request.bytes.position(), 0) < 0) {
      if (Native.errno() != EINTR) {
        throw Native.failure(Native.errno(), action);
      }
    }
  }

  /** False when the answers do not belong together. */
  private boolean receiveAll(List<ByteBuffer> answers, String action) {
    boolean whole = true;
    while (true) {
      ByteBuffer datagram = receive(action);
      int at = 0;
      while (at + NLMSG_HDRLEN <= datagram.limit()) {
        // struct nlmsghdr: length, type, flags, sequence, port.
        int length = datagram.getInt(at);
        int type = datagram.getShort(at + 4);
        int flags = datagram.getShort(at + 6);
        if (length < NLMSG_HDRLEN || at + length > datagram.limit()) {
          throw new RuntimeFailure(
              Kind.INTERNAL,
              "Cannot "
                  + action
                  + ": a message of "
                  + length
                  + " bytes in "
                  + datagram.limit()
                  + " at "
                  + at);
        }
        // Of another sequence: the late answer to a request that was given up.
        if (datagram.getInt(at + 8) == sequence) {
          ByteBuffer body =
              NetlinkAttributes.slice(datagram, at + NLMSG_HDRLEN, length - NLMSG_HDRLEN);
          whole &= (flags & NLM_F_DUMP_INTR) == 0;
          if (type == NLMSG_ERROR || type == NLMSG_DONE) {
            checkEnd(body, type, flags, action);
            return whole;
          }
          answers.add(body);
        }
        at += NetlinkAttributes.align(length);
      }
    }
  }

  /** A copy, so that answers outlive the buffer. */
  private ByteBuffer receive(String action) {
    int size = receive(MSG_PEEK | MSG_TRUNC, action);
    if (size > answer.bytes.capacity()) {
      answer = new NativeBuffer(size);
    }
    size = receive(0, action);
    byte[] copy = new byte[size];
    answer.bytes.get(0, copy);
    return ByteBuffer.wrap(copy).order(answer.bytes.order());
  }

  private int receive(int flags, String action) {
    while (true) {
      long size = LIBC.recv(socket, answer.address, answer.bytes.capacity(), flags);
      if (size >= 0) {
        return (int) size;
      }
      int errno = Native.errno();
      if (errno == EAGAIN) {
        throw new RuntimeFailure(
            Kind.DEADLINE_EXCEEDED,
            "Cannot " + action + ": the kernel gave no answer in " + TIMEOUT_SECONDS + " s");
      }
      if (errno != EINTR) {
        throw Native.failure(errno, action);
      }
    }
  }

  /**
   * struct nlmsgerr: the negative errno, then the header of the request (and the rest of it, when
   * the message is not capped), then attributes. The end of a dump has the errno alone.
   */
  private static void checkEnd(ByteBuffer body, int type, int flags, String action) {
    int errno = body.limit() < Integer.BYTES ? 0 : -body.getInt(0);
    if (errno == 0) {
      return;
    }
    String words = "";
    if ((flags & NLM_F_ACK_TLVS) != 0) {
      int from = Integer.BYTES;
      if (type == NLMSG_ERROR) {
        boolean capped = (flags & NLM_F_CAPPED) != 0;
        from += capped ? NLMSG_HDRLEN : NetlinkAttributes.align(body.getInt(Integer.BYTES));
      }
      words = new NetlinkAttributes(body.position(from)).text(NLMSGERR_ATTR_MSG);
    }
    RuntimeFailure failure = Native.failure(errno, action);
    throw words.isEmpty()
        ? failure
        : new RuntimeFailure(failure.kind(), failure.getMessage() + " (" + words + ")");
  }
}
