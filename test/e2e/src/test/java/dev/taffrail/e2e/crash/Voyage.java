package dev.taffrail.e2e.crash;

import dev.taffrail.testkit.daemon.ApiClient;
import java.io.IOException;
import java.util.concurrent.Callable;

/**
 * One run of a scenario. A command on which the daemon died is given again once the daemon is
 * repaired.
 */
final class Voyage implements Callable<Void> {
  private final Scenario scenario;
  private final String name;
  private final ApiClient api;
  private final Repairs repairs;

  Voyage(Scenario scenario, String name, ApiClient api, Repairs repairs) {
    this.scenario = scenario;
    this.name = name;
    this.api = api;
    this.repairs = repairs;
  }

  @Override
  public Void call() throws InterruptedException {
    for (int position = 0; position < scenario.steps().size(); position++) {
      if (!give(position)) {
        return null;
      }
    }
    return null;
  }

  private boolean give(int position) throws InterruptedException {
    boolean again = false;
    while (true) {
      int repaired = repairs.count();
      try {
        return scenario.steps().get(position).run(api, name, again);
      } catch (IOException dead) {
        repairs.await(repaired);
        again = true;
      } catch (AssertionError wrong) {
        throw new AssertionError(
            "Step " + position + (again ? ", given again," : "") + " of " + scenario + " " + name,
            wrong);
      }
    }
  }
}
