package dev.taffrail.linux;

import static dev.taffrail.linux.Native.EEXIST;
import static dev.taffrail.linux.Native.EINTR;
import static dev.taffrail.linux.Native.EPERM;
import static dev.taffrail.linux.Native.LIBC;
import static dev.taffrail.linux.Native.MFD_CLOEXEC;
import static dev.taffrail.linux.Native.SEEK_CUR;
import static dev.taffrail.linux.Native.SEEK_SET;
import static dev.taffrail.linux.Seccomp.SCMP_ARG_CMP_SIZE;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.linux.SeccompFilter;
import dev.taffrail.core.linux.SeccompFilter.Action;
import dev.taffrail.core.linux.SeccompFilter.Argument;
import dev.taffrail.core.linux.SeccompFilter.Rule;
import dev.taffrail.core.linux.SeccompFilters;
import dev.taffrail.linux.Seccomp.LibSeccomp;
import java.util.List;
import java.util.Locale;

/**
 * Filters by libseccomp, made in the same steps as crun makes them, so that both yield the same
 * program. The library is loaded at the first use.
 */
final class NativeSeccompFilters implements SeccompFilters {
  private static final String ARCHITECTURE_PREFIX = "SCMP_ARCH_";
  private static final int MAX_ARGUMENTS = 6;
  private static final int MAX_SIZE = 1 << 15;

  private LibSeccomp library;

  @Override
  public byte[] compile(SeccompFilter filter) {
    LibSeccomp seccomp = library();
    int defaultAction = number(filter.defaultAction());
    long context = seccomp.seccomp_init(defaultAction);
    if (context == 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "libseccomp takes no " + filter.defaultAction() + " as default");
    }
    try {
      for (String architecture : filter.architectures()) {
        addArchitecture(seccomp, context, architecture);
      }
      for (Rule rule : filter.rules()) {
        int action = number(rule.action());
        if (action != defaultAction) {
          addRule(seccomp, context, action, rule);
        }
      }
      return export(seccomp, context);
    } finally {
      seccomp.seccomp_release(context);
    }
  }

  private synchronized LibSeccomp library() {
    if (library == null) {
      try {
        library = Seccomp.load();
      } catch (UnsatisfiedLinkError missing) {
        throw new RuntimeFailure(Kind.UNIMPLEMENTED, "libseccomp is not installed", missing);
      }
    }
    return library;
  }

  private static void addArchitecture(LibSeccomp seccomp, long context, String name) {
    String action = "add the architecture " + name;
    String plain =
        name.startsWith(ARCHITECTURE_PREFIX) ? name.substring(ARCHITECTURE_PREFIX.length()) : name;
    try (Arguments arguments = new Arguments()) {
      int token =
          seccomp.seccomp_arch_resolve_name(arguments.string(plain.toLowerCase(Locale.ROOT)));
      if (token == 0) {
        throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "seccomp unknown architecture " + name);
      }
      int result = seccomp.seccomp_arch_add(context, token);
      // The machine's own is there from the beginning.
      if (result != -EEXIST) {
        check(result, action);
      }
    }
  }

  private static void addRule(LibSeccomp seccomp, long context, int action, Rule rule) {
    for (String name : rule.names()) {
      try (Arguments arguments = new Arguments()) {
        int call = seccomp.seccomp_syscall_resolve_name(arguments.string(name));
        if (call == Seccomp.NR_SCMP_ERROR) {
          continue;
        }
        for (List<Argument> together : conditions(rule.arguments())) {
          check(
              seccomp.seccomp_rule_add_array(
                  context, action, call, together.size(), comparisons(arguments, together)),
              "add a rule for " + name);
        }
      }
    }
  }

  /** One rule for all conditions, or one for each when two are on the same argument. */
  private static List<List<Argument>> conditions(List<Argument> arguments) {
    if (arguments.size() > MAX_ARGUMENTS) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "A seccomp rule has more than " + MAX_ARGUMENTS + " conditions");
    }
    long different = arguments.stream().mapToInt(Argument::index).distinct().count();
    return different == arguments.size()
        ? List.of(arguments)
        : arguments.stream().map(List::of).toList();
  }

  private static long comparisons(Arguments arguments, List<Argument> conditions) {
    NativeBuffer array = arguments.allocate(Math.max(1, conditions.size()) * SCMP_ARG_CMP_SIZE);
    for (Argument condition : conditions) {
      if (condition.index() < 0 || condition.index() >= MAX_ARGUMENTS) {
        throw new RuntimeFailure(
            Kind.INVALID_ARGUMENT, "A system call has no argument " + condition.index());
      }
      array
          .bytes
          .putInt(condition.index())
          .putInt(operator(condition.operator()))
          .putLong(condition.value())
          .putLong(condition.valueTwo());
    }
    return array.address;
  }

  private static byte[] export(LibSeccomp seccomp, long context) {
    String action = "export a seccomp filter";
    try (Arguments arguments = new Arguments()) {
      int file = Native.check(LIBC.memfd_create(arguments.string("seccomp"), MFD_CLOEXEC), action);
      try {
        check(seccomp.seccomp_export_bpf(context, file), action);
        int size = Native.check(LIBC.lseek(file, 0, SEEK_CUR), action);
        if (size > MAX_SIZE) {
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT, "The seccomp filter has more than " + MAX_SIZE + " bytes");
        }
        Native.check(LIBC.lseek(file, 0, SEEK_SET), action);
        return read(file, arguments.allocate(size), action);
      } finally {
        LIBC.close(file);
      }
    }
  }

  private static byte[] read(int file, NativeBuffer buffer, String action) {
    byte[] program = new byte[buffer.bytes.capacity()];
    int filled = 0;
    while (filled < program.length) {
      long count = LIBC.read(file, buffer.address + filled, program.length - filled);
      if (count == 0) {
        throw new RuntimeFailure(Kind.INTERNAL, "Cannot " + action + ": it was cut short");
      }
      if (count > 0 || Native.errno() != EINTR) {
        filled += Native.check(count, action);
      }
    }
    buffer.bytes.get(0, program);
    return program;
  }

  private static int number(Action action) {
    int errno = action.errno().orElse(EPERM) & 0xffff;
    return switch (action.name()) {
      case "SCMP_ACT_ALLOW" -> Seccomp.SCMP_ACT_ALLOW;
      case "SCMP_ACT_ERRNO" -> Seccomp.SCMP_ACT_ERRNO | errno;
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> Seccomp.SCMP_ACT_KILL_THREAD;
      case "SCMP_ACT_KILL_PROCESS" -> Seccomp.SCMP_ACT_KILL_PROCESS;
      case "SCMP_ACT_LOG" -> Seccomp.SCMP_ACT_LOG;
      case "SCMP_ACT_TRACE" -> Seccomp.SCMP_ACT_TRACE | errno;
      case "SCMP_ACT_TRAP" -> Seccomp.SCMP_ACT_TRAP;
      default ->
          throw new RuntimeFailure(
              Kind.INVALID_ARGUMENT, "invalid seccomp action " + action.name());
    };
  }

  private static int operator(String name) {
    return switch (name) {
      case "SCMP_CMP_NE" -> Seccomp.SCMP_CMP_NE;
      case "SCMP_CMP_LT" -> Seccomp.SCMP_CMP_LT;
      case "SCMP_CMP_LE" -> Seccomp.SCMP_CMP_LE;
      case "SCMP_CMP_EQ" -> Seccomp.SCMP_CMP_EQ;
      case "SCMP_CMP_GE" -> Seccomp.SCMP_CMP_GE;
      case "SCMP_CMP_GT" -> Seccomp.SCMP_CMP_GT;
      case "SCMP_CMP_MASKED_EQ" -> Seccomp.SCMP_CMP_MASKED_EQ;
      default ->
          throw new RuntimeFailure(Kind.INVALID_ARGUMENT, "invalid seccomp operator " + name);
    };
  }

  /** These functions return the negative error. */
  private static void check(int result, String action) {
    if (result < 0) {
      throw new RuntimeFailure(
          Kind.INVALID_ARGUMENT, "libseccomp cannot " + action, Native.failure(-result, action));
    }
  }
}
