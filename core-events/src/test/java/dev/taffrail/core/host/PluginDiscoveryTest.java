package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginDiscoveryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir Path root;

  /** Nothing is wrong with it. */
  public static class Sound implements Plugin {
    @Override
    public PluginId id() {
      return new PluginId("engine.sound");
    }

    @Override
    public PluginType<?> type() {
      return new PluginType<>("engine", NoContract.class);
    }

    @Override
    public Deployable create(PluginContext host) {
      return TestPlugin.verticle(Future::succeededFuture);
    }
  }

  /** Cannot be constructed. */
  public static class Explosive extends Sound {
    public Explosive() {
      throw new IllegalStateException("boom");
    }
  }

  /** Never comes back. */
  public static class Endless extends Sound {
    public Endless() throws InterruptedException {
      new CountDownLatch(1).await();
    }
  }

  /** Not a plugin at all. */
  public static class Stranger {}

  @Test
  void oneBadEntryDoesNotHideTheOthers() throws IOException {
    PluginDiscovery.Found found =
        discover(
            Explosive.class.getName(),
            "dev.taffrail.Absent",
            Stranger.class.getName(),
            Sound.class.getName());
    assertThat(found.plugins())
        .extracting(plugin -> plugin.id().value())
        .containsExactly("engine.sound");
    assertThat(found.unusable())
        .extracting(PluginDiscovery.Unusable::reason)
        .satisfiesExactly(
            reason -> assertThat(reason).contains("Explosive").contains("boom"),
            reason -> assertThat(reason).contains("dev.taffrail.Absent"),
            reason -> assertThat(reason).contains("Stranger"));
  }

  @Test
  void aConstructorThatDoesNotReturnIsGivenUp() throws IOException {
    PluginDiscovery.Found found = discover(Endless.class.getName(), Sound.class.getName());
    assertThat(found.plugins())
        .extracting(plugin -> plugin.id().value())
        .containsExactly("engine.sound");
    assertThat(found.unusable())
        .singleElement()
        .satisfies(
            plugin ->
                assertThat(plugin.reason())
                    .contains("Endless")
                    .contains("did not say what it is within 5.0 s"));
  }

  @Test
  void withoutEntriesNothingIsFound() throws IOException {
    PluginDiscovery.Found found = discover();
    assertThat(found.plugins()).isEmpty();
    assertThat(found.unusable()).isEmpty();
  }

  private PluginDiscovery.Found discover(String... classNames) throws IOException {
    Path services = Files.createDirectories(root.resolve("META-INF/services"));
    Files.write(services.resolve(Plugin.class.getName()), List.of(classNames));
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {root.toUri().toURL()}, getClass().getClassLoader())) {
      return PluginDiscovery.discover(loader, PATIENCE);
    }
  }
}
