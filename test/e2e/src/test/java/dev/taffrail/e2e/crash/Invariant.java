package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.util.List;

/** Something that holds once a daemon has come to rest after its start. */
interface Invariant {
  /** In words, what does not hold; empty when all is well. */
  List<String> violations(Aftermath after) throws IOException;

  /** Those that hold after every death. */
  List<Invariant> ALL =
      List.of(
          new NothingUnderWay(),
          new MountsHaveOwners(),
          new CgroupsHaveOwners(),
          new ProcessesHaveOwners(),
          new DirectoriesHaveOwners(),
          new SnapshotsHaveOwners(),
          new ContentHasOwners(),
          new NamesHaveOwners(),
          new OneExitPerRun(),
          new LogsAreWhole());
}
