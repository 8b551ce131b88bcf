package dev.taffrail.linux;

import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.O_APPEND;
import static dev.taffrail.linux.Native.O_CREAT;
import static dev.taffrail.linux.Native.O_NOCTTY;
import static dev.taffrail.linux.Native.O_RDONLY;
import static dev.taffrail.linux.Native.O_TRUNC;
import static dev.taffrail.linux.Native.O_WRONLY;
import static dev.taffrail.linux.Native.POSIX_SPAWNATTR_SIZE;
import static dev.taffrail.linux.Native.POSIX_SPAWN_FILE_ACTIONS_SIZE;
import static dev.taffrail.linux.Native.POSIX_SPAWN_SETSID;
import static dev.taffrail.linux.Native.POSIX_SPAWN_SETSIGDEF;
import static dev.taffrail.linux.Native.POSIX_SPAWN_SETSIGMASK;
import static dev.taffrail.linux.Native.SIGSET_SIZE;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.SpawnRequest;
import dev.taffrail.core.linux.SpawnRequest.Access;
import dev.taffrail.core.linux.SpawnRequest.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * posix_spawn(3). glibc 2.34 or later, for addclosefrom_np: the JVM opens files without O_CLOEXEC,
 * so everything that was not asked for is closed by number.
 */
final class Spawner {
  private static final Redirect NOTHING_TO_READ = new Redirect(Path.of("/dev/null"), Access.READ);
  private static final Redirect NOWHERE = new Redirect(Path.of("/dev/null"), Access.APPEND);
  private static final int CREATION_MODE = 0600;

  /** File actions take numbers below the limit of open files only; see getrlimit(2). */
  private static final int MAX_DESCRIPTOR = 1023;

  private final NativeBuffer attributes = attributes((short) 0);
  private final NativeBuffer sessionAttributes = attributes(POSIX_SPAWN_SETSID);

  /** The pid of the child. */
  int spawn(SpawnRequest request) {
    if (request.arguments().isEmpty()) {
      throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "Cannot start a process without a name");
    }
    String program = request.arguments().get(0);
    String action = "start " + program;
    try (Arguments arguments = new Arguments()) {
      NativeBuffer fileActions = arguments.allocate(POSIX_SPAWN_FILE_ACTIONS_SIZE);
      check(LIBC.posix_spawn_file_actions_init(fileActions.address), action);
      try {
        addFileActions(arguments, fileActions.address, request, action);
        NativeBuffer pid = arguments.allocate(Integer.BYTES);
        check(
            LIBC.posix_spawn(
                pid.address,
                arguments.string(program),
                fileActions.address,
                (request.newSession() ? sessionAttributes : attributes).address,
                arguments.strings(request.arguments()),
                arguments.strings(environment(request.environment())),
                0),
            action);
        return pid.bytes.getInt(0);
      } finally {
        LIBC.posix_spawn_file_actions_destroy(fileActions.address);
      }
    }
  }

  /**
   * They run in this order in the child. Opening at a number closes what the JVM had there, so each
   * number up to the highest is either opened or closed, and one call closes the rest.
   */
  private static void addFileActions(
      Arguments arguments, long fileActions, SpawnRequest request, String action) {
    Map<Integer, Redirect> descriptors = new HashMap<>(request.descriptors());
    descriptors.putIfAbsent(0, NOTHING_TO_READ);
    descriptors.putIfAbsent(1, NOWHERE);
    descriptors.putIfAbsent(2, NOWHERE);
    int highest = descriptors.keySet().stream().mapToInt(Integer::intValue).max().getAsInt();
    if (highest > MAX_DESCRIPTOR || descriptors.keySet().stream().anyMatch(each -> each < 0)) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT,
          "Cannot "
              + action
              + ": descriptors are 0 to "
              + MAX_DESCRIPTOR
              + ", not "
              + request.descriptors().keySet());
    }
    check(
        LIBC.posix_spawn_file_actions_addchdir_np(
            fileActions, arguments.string(request.workingDirectory().toString())),
        action);
    for (int descriptor = 0; descriptor <= highest; descriptor++) {
      Redirect redirect = descriptors.get(descriptor);
      if (redirect == null) {
        check(LIBC.posix_spawn_file_actions_addclose(fileActions, descriptor), action);
      } else {
        check(
            LIBC.posix_spawn_file_actions_addopen(
                fileActions,
                descriptor,
                arguments.string(redirect.path().toAbsolutePath().toString()),
                flags(redirect.access()),
                CREATION_MODE),
            action);
      }
    }
    check(LIBC.posix_spawn_file_actions_addclosefrom_np(fileActions, highest + 1), action);
  }

  /** Opening a terminal must not make it the controlling one of a new session. */
  private static int flags(Access access) {
    return O_NOCTTY
        | switch (access) {
          case READ -> O_RDONLY;
          case APPEND -> O_WRONLY | O_CREAT | O_APPEND;
          case TRUNCATE -> O_WRONLY | O_CREAT | O_TRUNC;
        };
  }

  private static List<String> environment(Map<String, String> variables) {
    List<String> lines = new ArrayList<>(variables.size());
    variables.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new RuntimeFailure(
                Kind.INVALID_ARGUMENT, "Not the name of an environment variable: " + name);
          }
          lines.add(name + "=" + value);
        });
    return lines;
  }

  /** All signals at their default and none blocked; the JVM changes both. */
  private static NativeBuffer attributes(short moreFlags) {
    String action = "prepare for starting processes";
    NativeBuffer attributes = new NativeBuffer(POSIX_SPAWNATTR_SIZE);
    try (Arguments arguments = new Arguments()) {
      NativeBuffer set = arguments.allocate(SIGSET_SIZE);
      check(LIBC.posix_spawnattr_init(attributes.address), action);
      check(
          LIBC.posix_spawnattr_setflags(
              attributes.address,
              (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | moreFlags)),
          action);
      Native.check(LIBC.sigemptyset(set.address), action);
      check(LIBC.posix_spawnattr_setsigmask(attributes.address, set.address), action);
      // Not sigfillset: it leaves out glibc's own 32 and 33, which the child would then ignore.
      set.bytes.putLong(0, -1);
      check(LIBC.posix_spawnattr_setsigdefault(attributes.address, set.address), action);
    }
    return attributes;
  }

  /** These functions return the error, and leave errno alone. */
  private static void check(int error, String action) {
    if (error != 0) {
      throw Native.failure(error, action);
    }
  }
}
