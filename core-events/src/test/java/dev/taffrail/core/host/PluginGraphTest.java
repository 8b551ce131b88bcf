package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PluginGraphTest {
  private static final PluginType<?> A = new PluginType<>("a", NoContract.class);
  private static final PluginType<?> B = new PluginType<>("b", NoContract.class);
  private static final PluginType<?> C = new PluginType<>("c", NoContract.class);

  @Test
  void allProvidersOfARequiredTypeComeFirst() {
    assertThat(
            order(
                TestPlugin.idle("a.user", A, B),
                TestPlugin.idle("z.one", B),
                TestPlugin.idle("z.two", B, C),
                TestPlugin.idle("zz.last", C)))
        .containsExactly("z.one", "zz.last", "z.two", "a.user");
  }

  @Test
  void theOrderDoesNotDependOnWhereJarsWereFound() {
    List<TestPlugin> plugins =
        new ArrayList<>(
            List.of(
                TestPlugin.idle("a.one", A, B, C),
                TestPlugin.idle("a.two", A, C),
                TestPlugin.idle("b.one", B, C),
                TestPlugin.idle("c.one", C),
                TestPlugin.idle("c.two", C)));
    List<String> expected = order(plugins.toArray(TestPlugin[]::new));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      Collections.shuffle(plugins, random);
      assertThat(order(plugins.toArray(TestPlugin[]::new)))
          .as("seed %d round %d", seed, round)
          .isEqualTo(expected);
    }
  }

  @Test
  void aCycleIsNamedAndTheOthersKeepTheirOrder() {
    PluginGraph.Order order =
        PluginGraph.order(
            descriptions(
                TestPlugin.idle("a.one", A, B),
                TestPlugin.idle("b.one", B, A),
                TestPlugin.idle("c.one", C, A)));
    assertThat(order.cycles())
        .containsOnlyKeys(new PluginId("a.one"), new PluginId("b.one"))
        .containsValue("plugins require each other: a.one -> b.one -> a.one");
    assertThat(order.plugins()).hasSize(3);
  }

  @Test
  void aPluginThatRequiresItsOwnTypeIsACycle() {
    assertThat(PluginGraph.order(descriptions(TestPlugin.idle("a.one", A, A))).cycles())
        .containsEntry(new PluginId("a.one"), "plugins require each other: a.one -> a.one");
  }

  private static List<String> order(TestPlugin... plugins) {
    return PluginGraph.order(descriptions(plugins)).plugins().stream()
        .map(plugin -> plugin.id().value())
        .toList();
  }

  private static List<PluginDescription> descriptions(TestPlugin... plugins) {
    return List.of(plugins).stream().map(PluginDescription::of).toList();
  }
}
