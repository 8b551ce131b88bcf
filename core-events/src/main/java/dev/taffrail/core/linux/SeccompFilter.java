package dev.taffrail.core.linux;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a process may call, in the words of the OCI runtime specification: config-linux.md, seccomp.
 *
 * @param defaultAction for what no rule names
 * @param architectures besides the machine's own, {@code SCMP_ARCH_X86}
 */
public record SeccompFilter(Action defaultAction, List<String> architectures, List<Rule> rules) {
  public SeccompFilter {
    architectures = List.copyOf(architectures);
    rules = List.copyOf(rules);
  }

  /**
   * What becomes of a call.
   *
   * @param name {@code SCMP_ACT_ERRNO}
   * @param errno of {@code SCMP_ACT_ERRNO} and {@code SCMP_ACT_TRACE}; EPERM when absent
   */
  public record Action(String name, OptionalInt errno) {}

  /**
   * One action for several system calls.
   *
   * @param names of system calls
   * @param arguments conditions that must all hold, except that those on one and the same argument
   *     are alternatives
   */
  public record Rule(Action action, List<String> names, List<Argument> arguments) {
    public Rule {
      names = List.copyOf(names);
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * A condition on one argument of a system call.
   *
   * @param index 0 to 5
   * @param operator {@code SCMP_CMP_EQ}
   * @param value unsigned, as is the next
   * @param valueTwo what is compared after masking, for {@code SCMP_CMP_MASKED_EQ}
   */
  public record Argument(int index, String operator, long value, long valueTwo) {}
}
