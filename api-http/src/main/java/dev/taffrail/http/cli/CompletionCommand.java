package dev.taffrail.http.cli;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taffrail completion}. */
@Command(
    name = "completion",
    description = "Prints a script that lets a shell complete taffrail's commands and options.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  source <(taffrail completion bash)",
      "  taffrail completion bash > /etc/bash_completion.d/taffrail",
      "  source <(taffrail completion zsh)"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells whose completion is known; zsh reads the script of bash through bashcompinit. */
  static final class Shells implements Iterable<String> {
    static final List<String> ALL = List.of("bash", "zsh");

    @Override
    public Iterator<String> iterator() {
      return ALL.iterator();
    }
  }

  @ParentCommand private TaffrailCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "SHELL",
      description = "bash or zsh",
      completionCandidates = Shells.class)
  private String shell;

  @Override
  public Integer call() {
    if (!Shells.ALL.contains(shell)) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no completion for " + shell + "; for bash and zsh there is");
    }
    parent.terminal().out().print(AutoComplete.bash("taffrail", spec.root().commandLine()));
    return 0;
  }
}
