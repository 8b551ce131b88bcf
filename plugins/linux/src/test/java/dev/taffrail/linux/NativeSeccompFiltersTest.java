package dev.taffrail.linux;

import static dev.taffrail.linux.NativeTreeTest.kindOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.linux.SeccompFilter;
import dev.taffrail.core.linux.SeccompFilter.Action;
import dev.taffrail.core.linux.SeccompFilter.Argument;
import dev.taffrail.core.linux.SeccompFilter.Rule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Filters are judged by running them, as the kernel would. */
class NativeSeccompFiltersTest {
  private static final Action ALLOW = new Action("SCMP_ACT_ALLOW", OptionalInt.empty());
  private static final Action DENY = new Action("SCMP_ACT_ERRNO", OptionalInt.of(38));
  private static final int ALLOWED = 0x7fff0000;
  private static final int DENIED = 0x00050000 | 38;

  /** From linux/audit.h, and numbers of asm/unistd_64.h and unistd_32.h. */
  private static final int X86_64 = 0xc000003e;

  private static final int I386 = 0x40000003;
  private static final int READ = 0;
  private static final int PERSONALITY = 135;
  private static final int READ_I386 = 3;

  private final NativeSeccompFilters filters = new NativeSeccompFilters();

  @BeforeAll
  static void numbersAreThoseOfX86() {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "The numbers are those of x86-64");
  }

  @Test
  void whatNoRuleNamesGetsTheDefault() {
    byte[] program = compile(List.of(), new Rule(ALLOW, List.of("read"), List.of()));
    assertThat(run(program, X86_64, READ)).isEqualTo(ALLOWED);
    assertThat(run(program, X86_64, PERSONALITY)).isEqualTo(DENIED);
  }

  @Test
  void conditionsOnDifferentArgumentsMustAllHold() {
    byte[] program =
        compile(
            List.of(),
            new Rule(
                ALLOW,
                List.of("read"),
                List.of(
                    new Argument(0, "SCMP_CMP_EQ", 7, 0),
                    new Argument(2, "SCMP_CMP_MASKED_EQ", 0xff, 0x10))));
    assertThat(run(program, X86_64, READ, 7, 0, 0xa10)).isEqualTo(ALLOWED);
    assertThat(run(program, X86_64, READ, 8, 0, 0xa10)).isEqualTo(DENIED);
    assertThat(run(program, X86_64, READ, 7, 0, 0xa11)).isEqualTo(DENIED);
  }

  @Test
  void conditionsOnOneArgumentAreAlternatives() {
    byte[] program =
        compile(
            List.of(),
            new Rule(
                ALLOW,
                List.of("personality"),
                List.of(
                    new Argument(0, "SCMP_CMP_EQ", 8, 0),
                    new Argument(0, "SCMP_CMP_EQ", 0xffffffffL, 0))));
    assertThat(run(program, X86_64, PERSONALITY, 8)).isEqualTo(ALLOWED);
    assertThat(run(program, X86_64, PERSONALITY, 0xffffffffL)).isEqualTo(ALLOWED);
    assertThat(run(program, X86_64, PERSONALITY, 9)).isEqualTo(DENIED);
  }

  @Test
  void otherArchitecturesAreFilteredWhenNamedAndKilledOtherwise() {
    Rule rule = new Rule(ALLOW, List.of("read"), List.of());
    byte[] both = compile(List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"), rule);
    assertThat(run(both, I386, READ_I386)).isEqualTo(ALLOWED);
    assertThat(run(both, I386, PERSONALITY)).isEqualTo(DENIED);
    assertThat(run(compile(List.of(), rule), I386, READ_I386)).isZero();
  }

  @Test
  void anUnknownSystemCallIsLeftOut() {
    byte[] program =
        compile(List.of(), new Rule(ALLOW, List.of("no_such_call", "read"), List.of()));
    assertThat(run(program, X86_64, READ)).isEqualTo(ALLOWED);
  }

  @Test
  void wordsThatMeanNothingAreTheCallersFault() {
    refused(
        new Rule(new Action("SCMP_ACT_FROWN", OptionalInt.empty()), List.of("read"), List.of()));
    refused(new Rule(ALLOW, List.of("read"), List.of(new Argument(0, "SCMP_CMP_LIKE", 0, 0))));
    refused(new Rule(ALLOW, List.of("read"), List.of(new Argument(6, "SCMP_CMP_EQ", 0, 0))));
    assertThat(kindOf(() -> compile(List.of("SCMP_ARCH_PDP11")))).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  private void refused(Rule rule) {
    assertThat(kindOf(() -> compile(List.of(), rule))).isEqualTo(Kind.INVALID_ARGUMENT);
  }

  private byte[] compile(List<String> architectures, Rule... rules) {
    return filters.compile(new SeccompFilter(DENY, architectures, List.of(rules)));
  }

  /** What the program returns for a system call; the instructions of linux/bpf_common.h it uses. */
  private static int run(byte[] program, int architecture, int call, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, call).putInt(4, architecture);
    for (int i = 0; i < arguments.length; i++) {
      data.putLong(16 + 8 * i, arguments[i]);
    }
    ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    for (int at = 0; ; at++) {
      int operation = Short.toUnsignedInt(code.getShort(at * 8));
      int ifTrue = Byte.toUnsignedInt(code.get(at * 8 + 2));
      int ifFalse = Byte.toUnsignedInt(code.get(at * 8 + 3));
      int constant = code.getInt(at * 8 + 4);
      switch (operation) {
        case 0x20 -> accumulator = data.getInt(constant); // BPF_LD | BPF_W | BPF_ABS
        case 0x54 -> accumulator &= constant; // BPF_ALU | BPF_AND | BPF_K
        case 0x05 -> at += constant; // BPF_JMP | BPF_JA
        case 0x15 -> at += accumulator == constant ? ifTrue : ifFalse; // BPF_JEQ
        case 0x25 -> // BPF_JGT
            at += Integer.compareUnsigned(accumulator, constant) > 0 ? ifTrue : ifFalse;
        case 0x35 -> // BPF_JGE
            at += Integer.compareUnsigned(accumulator, constant) >= 0 ? ifTrue : ifFalse;
        case 0x06 -> { // BPF_RET | BPF_K
          return constant;
        }
        default -> throw new AssertionError("operation " + Integer.toHexString(operation));
      }
    }
  }
}
