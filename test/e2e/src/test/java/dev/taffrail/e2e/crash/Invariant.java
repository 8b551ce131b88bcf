package dev.taffrail.e2e.crash;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** Something that holds once a daemon has come to rest after its start. */
interface Invariant {
  /** In words, what does not hold; empty when all is well. */
  List<String> violations(Aftermath after) throws IOException;

  /** Nothing is there that nobody needs. */
  List<Invariant> NOTHING_LEFT =
      List.of(
          new NothingUnderWay(),
          new MountsHaveOwners(),
          new CgroupsHaveOwners(),
          new ProcessesHaveOwners(),
          new DirectoriesHaveOwners(),
          new SnapshotsHaveOwners(),
          new ContentHasOwners(),
          new NamesHaveOwners(),
          new EndpointsHaveOwners(),
          new LinksHaveOwners(),
          new RulesHaveOwners(),
          new NetworksAreWhole());

  /** And nothing is lost; for containers that run a {@link Program}. */
  List<Invariant> ALL =
      Stream.concat(
              NOTHING_LEFT.stream(),
              Stream.of(
                  new OneExitPerRun(),
                  new LogsAreWhole(),
                  new AddressesAreKept(),
                  new ServersAnswer()))
          .toList();
}
