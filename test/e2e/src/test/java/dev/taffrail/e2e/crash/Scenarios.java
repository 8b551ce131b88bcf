package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.BusyboxImage;
import java.util.List;

/** What clients do while the daemon dies. A new command gets its lines here. */
final class Scenarios {
  private static final int LINES = 20;
  private static final String BRIDGE = "bridge";

  private Scenarios() {}

  static final Scenario RUN =
      Scenario.of("run").create(Program.printing(LINES, 5)).start().await(5).remove();

  static final Scenario RUN_AND_REMOVE =
      Scenario.of("run --rm").create(Program.printing(LINES, 7).removed()).startOnce().await(7);

  static final Scenario START_TWICE =
      Scenario.of("start twice")
          .create(Program.printing(LINES, 6))
          .start()
          .await(6)
          .start()
          .await(6)
          .remove();

  static final Scenario STOP =
      Scenario.of("stop")
          .create(Program.polite())
          .start()
          .untilItPrints()
          .stop(30)
          .await(Program.POLITE, 143)
          .remove();

  static final Scenario STOP_BY_FORCE =
      Scenario.of("stop -t 0").create(Program.deaf()).start().stop(0).await(137).remove();

  static final Scenario KILL =
      Scenario.of("kill").create(Program.deaf()).start().kill("KILL").await(137).remove();

  static final Scenario REMOVE_BY_FORCE =
      Scenario.of("rm -f").create(Program.deaf()).start().removeByForce();

  static final Scenario CREATE_AND_REMOVE =
      Scenario.of("create, rm").create(Program.printing(LINES, 0)).remove();

  static final Scenario PRUNE =
      Scenario.of("container prune").create(Program.printing(LINES, 11)).start().await(11).prune();

  static final Scenario IMAGE_PRUNE =
      Scenario.of("image prune").importNameless(BusyboxImage.tar()).pruneImages();

  static final Scenario NETWORK_PRUNE =
      Scenario.of("network prune").createNetwork().pruneNetworks();

  static final Scenario FAILING_START =
      Scenario.of("start of nothing").create(Program.missing()).startInVain().remove();

  static final Scenario RESTART =
      Scenario.of("restart").create(Program.deaf()).restart().restart().removeByForce();

  static final Scenario RESTART_OF_EXITED =
      Scenario.of("restart of an exited one")
          .create(Program.printing(LINES, 4))
          .start()
          .await(4)
          .restart()
          .await(4)
          .remove();

  static final Scenario ALWAYS =
      Scenario.of("--restart always")
          .create(Program.printing(LINES, 0).restarted("always"))
          .start()
          .untilRestarted(2)
          .removeByForce();

  static final Scenario ON_FAILURE =
      Scenario.of("--restart on-failure:2")
          .create(Program.printing(LINES, 9).restartedOnFailure(2))
          .start()
          .untilRestarted(2)
          .untilIs("exited")
          .remove();

  static final Scenario STOP_WHILE_RESTARTING =
      Scenario.of("stop in the back-off").then(backingOff()).stop(10).remove();

  static final Scenario KILL_WHILE_RESTARTING =
      Scenario.of("kill in the back-off").then(backingOff()).kill("KILL").removeByForce();

  static final Scenario RESTART_WHILE_RESTARTING =
      Scenario.of("restart in the back-off").then(backingOff()).restart().removeByForce();

  static final Scenario REMOVE_WHILE_RESTARTING =
      Scenario.of("rm -f in the back-off").then(backingOff()).removeByForce();

  static final Scenario LOSE_MONITOR =
      Scenario.of("monitor killed")
          .create(Program.deaf())
          .start()
          .loseMonitor()
          .await(137, 255)
          .remove();

  static final Scenario START_OF_THE_BROKEN =
      Scenario.of("start of what broke itself")
          .create(Program.breaking())
          .start()
          .await(0)
          .startInVain()
          .remove();

  static final Scenario CHANGE_POLICY =
      Scenario.of("update --restart")
          .create(Program.printing(LINES, 2))
          .changePolicy("unless-stopped")
          .start()
          .untilRestarted(2)
          .untilIs("restarting")
          .changePolicy("no")
          .untilIs("exited")
          .changePolicy("always")
          .removeByForce();

  static final Scenario CHANGE_POLICY_OF_RUNNING =
      Scenario.of("update --restart of a running one")
          .create(Program.deaf())
          .start()
          .changePolicy("always")
          .removeByForce();

  static final Scenario IMAGE =
      Scenario.of("import, rmi").importImage(BusyboxImage.tar()).removeImage();

  static final Scenario TAG =
      Scenario.of("import, tag, rmi")
          .importImage(BusyboxImage.tar())
          .tagImage()
          .removeTaggedImage()
          .removeImage();

  static final Scenario RUN_PUBLISHED =
      Scenario.of("run -p")
          .create(Program.printing(LINES, 5).on(BRIDGE).published())
          .start()
          .await(5)
          .remove();

  static final Scenario NETWORK = Scenario.of("network create, rm").createNetwork().removeNetwork();

  static final Scenario SERVE =
      Scenario.of("run --network --network-alias, found by name")
          .createNetwork()
          .create(Program.serving().on(Scenario.NETWORK).published())
          .start()
          .beside(
              "client",
              Scenario.of("")
                  .create(Program.asking(8).on(Scenario.NETWORK))
                  .start()
                  .await(8)
                  .remove())
          .stop(0)
          .await(137)
          .remove()
          .removeNetwork();

  // The way out is through the default bridge as long as there is one.
  static final Scenario CONNECT =
      Scenario.of("network connect, disconnect")
          .createNetwork()
          .create(Program.deaf().on(BRIDGE).published())
          .connect(Scenario.NETWORK)
          .disconnect(Scenario.NETWORK)
          .connect(Scenario.NETWORK)
          .start()
          .disconnect(BRIDGE)
          .connect(BRIDGE)
          .disconnect(Scenario.NETWORK)
          .connect(Scenario.NETWORK)
          .kill("KILL")
          .await(137)
          .disconnect(Scenario.NETWORK)
          .connect(Scenario.NETWORK)
          .remove()
          .removeNetwork();

  static final Scenario CONNECT_WHILE_RESTARTING =
      Scenario.of("network connect, disconnect in the back-off")
          .createNetwork()
          .create(Program.printing(LINES, 1).restarted("unless-stopped").on(BRIDGE))
          .start()
          .untilRestarted(3)
          .untilIs("restarting")
          .connect(Scenario.NETWORK)
          .disconnect(Scenario.NETWORK)
          .removeByForce()
          .removeNetwork();

  static final Scenario ALWAYS_PUBLISHED =
      Scenario.of("--restart always --network -p")
          .createNetwork()
          .create(
              Program.printing(LINES, 0)
                  .restarted("always")
                  .on(Scenario.NETWORK)
                  .published()
                  .kept())
          .start()
          .untilRestarted(2)
          .removeByForce()
          .removeNetwork();

  /** Where an edge comes first, there the daemon dies at it. */
  static final List<Scenario> ALL =
      List.of(
          RUN,
          ALWAYS,
          RUN_AND_REMOVE,
          START_TWICE,
          STOP,
          STOP_BY_FORCE,
          KILL,
          REMOVE_BY_FORCE,
          CREATE_AND_REMOVE,
          FAILING_START,
          START_OF_THE_BROKEN,
          RESTART,
          RESTART_OF_EXITED,
          ON_FAILURE,
          STOP_WHILE_RESTARTING,
          KILL_WHILE_RESTARTING,
          RESTART_WHILE_RESTARTING,
          REMOVE_WHILE_RESTARTING,
          LOSE_MONITOR,
          CHANGE_POLICY,
          CHANGE_POLICY_OF_RUNNING,
          IMAGE,
          TAG,
          RUN_PUBLISHED,
          NETWORK,
          SERVE,
          CONNECT,
          CONNECT_WHILE_RESTARTING,
          ALWAYS_PUBLISHED,
          PRUNE,
          IMAGE_PRUNE,
          NETWORK_PRUNE);

  // Long enough in the back-off for a client to see it.
  private static Scenario backingOff() {
    return Scenario.of("")
        .create(Program.printing(LINES, 1).restarted("unless-stopped"))
        .start()
        .untilRestarted(2)
        .untilIs("restarting");
  }
}
