package dev.taffrail.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.host.DaemonConfiguration.Flags;
import dev.taffrail.core.log.LogMode;
import dev.taffrail.core.log.LogRetention;
import dev.taffrail.core.plugin.PluginId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonConfigurationTest {
  @TempDir Path root;
  private Path file;

  @BeforeEach
  void nameAFile() {
    file = root.resolve("daemon.json");
  }

  @Test
  void everyKeyIsUnderstood() throws IOException {
    Files.writeString(
        file,
        """
        {"hosts": ["unix:///a.sock", "tcp://127.0.0.1:2375"], "data-root": "/data", "exec-root": "/exec",
         "pidfile": "/x.pid", "group": "ops", "debug": false, "log-level": "warn",
         "runtimes": {"crun": {"path": "crun"}}, "default-runtime": "crun", "log-mode": "relaxed",
         "log-retention-age": "1d12h", "log-retention-size": "64m", "log-retention-events": 5000,
         "log-consumer-max-lag": 100, "log-disk-reserve": "8m", "log-archive": "/srv/archive",
         "required-plugins": ["http.server"], "disabled-plugins": ["snapshot.copy"],
         "plugin-start-timeout": 5, "defaults": {"snapshot": "snapshot.overlay"},
         "plugins": {"snapshot.overlay": {"size": 1}}}
        """);
    DaemonConfiguration configuration = load(Map.of());
    assertThat(configuration.settings().hosts())
        .containsExactly("unix:///a.sock", "tcp://127.0.0.1:2375");
    assertThat(configuration.settings().dataRoot()).isEqualTo(Path.of("/data"));
    assertThat(configuration.settings().execRoot()).isEqualTo(Path.of("/exec"));
    assertThat(configuration.settings().pidFile()).contains(Path.of("/x.pid"));
    assertThat(configuration.settings().group()).contains("ops");
    assertThat(configuration.settings().debug()).isFalse();
    assertThat(configuration.settings().configuration().at("/runtimes/crun/path").asText())
        .isEqualTo("crun");
    assertThat(configuration.settings().version()).matches("[0-9]+\\.[0-9]+\\.[0-9]+.*");
    assertThat(configuration.logLevel()).isEqualTo(LogLevel.WARN);
    assertThat(configuration.logMode()).isEqualTo(LogMode.RELAXED);
    assertThat(configuration.retention())
        .isEqualTo(
            new LogRetention(
                Optional.of(Duration.ofHours(36)),
                OptionalLong.of(64L << 20),
                OptionalLong.of(5000),
                100,
                Optional.of(Path.of("/srv/archive"))));
    assertThat(configuration.diskReserve()).isEqualTo(8L << 20);
    assertThat(configuration.policy().required()).containsExactly(new PluginId("http.server"));
    assertThat(configuration.policy().disabled()).containsExactly(new PluginId("snapshot.copy"));
    assertThat(configuration.policy().startTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(configuration.policy().defaults())
        .containsEntry("snapshot", new PluginId("snapshot.overlay"));
  }

  @Test
  void withoutAFileAndFlagsTheDefaultsHold() throws IOException {
    Files.writeString(file, "{}");
    DaemonConfiguration configuration = load(Map.of());
    assertThat(configuration.settings().hosts())
        .containsExactly("unix:///run/taffrail/taffrail.sock");
    assertThat(configuration.settings().dataRoot()).isEqualTo(Path.of("/var/lib/taffrail"));
    assertThat(configuration.settings().pidFile()).contains(Path.of("/run/taffrail/taffraild.pid"));
    assertThat(configuration.logMode()).isEqualTo(LogMode.DURABLE);
    assertThat(configuration.logLevel()).isEqualTo(LogLevel.INFO);
    assertThat(configuration.retention().maxBytes()).hasValue(4L << 30);
    assertThat(configuration.retention().maxAge()).isEmpty();
    assertThat(configuration.retention().maxEvents()).isEmpty();
    assertThat(configuration.policy().startTimeout()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void flagsAreTakenAndDebugWinsOverTheLevel() throws IOException {
    Files.writeString(file, "");
    DaemonConfiguration configuration =
        load(
            Map.of(
                ConfigurationKey.HOSTS,
                List.of("unix:///b.sock"),
                ConfigurationKey.DEBUG,
                true,
                ConfigurationKey.LOG_LEVEL,
                "error"));
    assertThat(configuration.settings().hosts()).containsExactly("unix:///b.sock");
    assertThat(configuration.settings().debug()).isTrue();
    assertThat(configuration.logLevel()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void aFileThatWasNamedMustBeThere() {
    refused(
        Map.of(),
        "unable to configure the Taffrail daemon with file "
            + file
            + ": open "
            + file
            + ": no such file or directory");
  }

  @Test
  void aDirectiveInBothPlacesIsRefusedInDockerdsWords() throws IOException {
    Files.writeString(file, "{\"hosts\": [\"unix:///a\", \"unix:///b\"], \"debug\": true}");
    refused(
        Map.of(ConfigurationKey.HOSTS, List.of("unix:///c"), ConfigurationKey.DEBUG, true),
        "the following directives are specified both as a flag and in the configuration file: "
            + "hosts: (from flag: [unix:///c], from file: [unix:///a unix:///b]), "
            + "debug: (from flag: true, from file: true)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"graph\": 1, \"debug\": true} | the following directives don't match any configuration option: graph",
        "{\"debug\": \"yes\"} | debug must be true or false, not \"yes\"",
        "{\"hosts\": \"unix:///a\"} | hosts must be a list of strings, not \"unix:///a\"",
        "{\"hosts\": [1]} | hosts must be a list of strings, not [1]",
        "{\"plugin-start-timeout\": 0} | plugin-start-timeout must be a number of seconds",
        "{\"plugins\": {\"a.b\": 1}} | plugins.a.b must be an object, not 1",
        "{\"required-plugins\": [\"Overlay\"]} | required-plugins: \"Overlay\" is not a plugin id",
        "{\"defaults\": {\"snapshot\": 7}} | defaults: \"7\" is not a plugin id",
        "{\"required-plugins\": [\"a.b\"], \"disabled-plugins\": [\"a.b\"]} | a.b is both required and disabled",
        "{\"log-level\": \"loud\"} | invalid logging level: loud",
        "{\"log-mode\": \"fast\"} | invalid log mode: fast",
        "{\"log-retention-size\": \"much\"} | invalid size: 'much'",
        "{\"log-retention-size\": \"9999999999g\"} | invalid size: '9999999999g'",
        "{\"log-retention-age\": \"a week\"} | invalid duration: \"a week\"",
        "{\"log-retention-age\": \"999999d\"} | invalid duration: \"999999d\"",
        "{\"log-retention-events\": -1} | log-retention-events must be a number, at least 0",
        "{\"debug\": true, \"debug\": false} | Duplicate field 'debug'",
        "{\"debug\": tru} | it is not valid JSON",
        "{} {} | it is not valid JSON",
        "[] | it must hold a JSON object, not []",
      })
  void whatCannotBeRightIsRefusedByName(String content, String words) throws IOException {
    Files.writeString(file, content);
    refused(Map.of(), words);
  }

  @Test
  void aReloadTellsWhichKeysHaveChanged() throws IOException {
    Files.writeString(file, "{\"debug\": true, \"group\": \"ops\"}");
    DaemonConfiguration before = load(Map.of());
    Files.writeString(file, "{\"debug\": false, \"group\": \"ops\", \"log-mode\": \"relaxed\"}");
    assertThat(before.changedKeys(load(Map.of()))).containsExactly("debug", "log-mode");
  }

  private DaemonConfiguration load(Map<ConfigurationKey, Object> given) {
    return DaemonConfiguration.load(new Flags(Optional.of(file), given));
  }

  private void refused(Map<ConfigurationKey, Object> given, String words) {
    assertThatThrownBy(() -> load(given))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            failure -> assertThat(failure.kind()).isEqualTo(Kind.INVALID_ARGUMENT))
        .hasMessageContaining(words);
  }
}
