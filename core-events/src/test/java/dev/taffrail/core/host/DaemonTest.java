package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.PluginType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
  private static final PluginType<NoContract> ENGINE = new PluginType<>("engine", NoContract.class);

  @TempDir Path root;
  private final List<String> story = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void configureNothing() throws IOException {
    Files.writeString(root.resolve("daemon.json"), "{}");
  }

  @Test
  void aSecondDaemonOnTheSameDataRootIsRefusedAndTheFirstGoesOn() {
    try (Daemon first = start()) {
      assertThatThrownBy(() -> start(Map.of(ConfigurationKey.PIDFILE, root + "/other.pid")))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessage(
              "another taffraild (pid "
                  + ProcessHandle.current().pid()
                  + ") works on "
                  + root.resolve("data"));
      assertThat(root.resolve("other.pid")).doesNotExist();
      assertThat(first).isNotNull();
      assertThat(pidFile()).exists();
    }
    start().close();
  }

  @Test
  void thePidfileOfALiveProcessIsRefusedAndNothingIsLeftBehind() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      Files.createDirectories(pidFile().getParent());
      Files.writeString(pidFile(), other.pid() + "\n");
      assertThatThrownBy(this::start)
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("process with PID " + other.pid() + " is still running");
      assertThat(pidFile()).hasContent(Long.toString(other.pid()));
    } finally {
      other.destroyForcibly().waitFor();
    }
    start().close();
    assertThat(pidFile()).doesNotExist();
  }

  @Test
  void everythingIsGivenBackWhenARequiredPluginFails() throws IOException {
    Files.writeString(root.resolve("daemon.json"), "{\"required-plugins\": [\"engine.b\"]}");
    assertThatThrownBy(
            () ->
                start(
                    Map.of(),
                    TestPlugin.idle("engine.a", ENGINE),
                    TestPlugin.of("engine.b", ENGINE, host -> null)))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("The required plugin engine.b is not running");
    assertThat(story).containsExactly("open", "close");
    assertThat(pidFile()).doesNotExist();
    Files.writeString(root.resolve("daemon.json"), "{}");
    start().close();
  }

  @Test
  void aLogThatCannotBeOpenedEndsTheStartWithNothingLeftBehind() {
    assertThatThrownBy(
            () ->
                Daemon.start(
                    configuration(Map.of()),
                    (settings, catalogue) -> {
                      throw new RuntimeFailure(Kind.DATA_LOSS, "a newer format");
                    },
                    HostFixture.found(),
                    () -> false))
        .hasMessage("a newer format");
    assertThat(pidFile()).doesNotExist();
    start().close();
  }

  private Daemon start() {
    return start(Map.of());
  }

  private Daemon start(Map<ConfigurationKey, Object> given, TestPlugin... plugins) {
    FakeLog log = new FakeLog();
    return Daemon.start(
        configuration(given),
        (settings, catalogue) -> {
          story.add("open");
          return new LogOpener.OpenLog(
              log,
              () -> {
                log.close();
                story.add("close");
              });
        },
        HostFixture.found(plugins),
        () -> false);
  }

  private DaemonConfiguration configuration(Map<ConfigurationKey, Object> more) {
    Map<ConfigurationKey, Object> given = new HashMap<>(more);
    given.put(ConfigurationKey.DATA_ROOT, root.resolve("data").toString());
    given.put(ConfigurationKey.EXEC_ROOT, root.resolve("run").toString());
    return DaemonConfiguration.load(
        new DaemonConfiguration.Flags(Optional.of(root.resolve("daemon.json")), given));
  }

  private Path pidFile() {
    return root.resolve("run/taffraild.pid");
  }
}
