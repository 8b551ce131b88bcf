package dev.taffrail.core.host;

import static dev.taffrail.core.host.Greeter.GREETER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.event.Decision;
import dev.taffrail.core.event.Origin;
import dev.taffrail.core.log.Command;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.Plugin;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginListing;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.core.plugin.PluginStatus.State;
import dev.taffrail.core.plugin.PluginType;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginHostTest {
  private static final PluginType<NoContract> ENGINE = new PluginType<>("engine", NoContract.class);
  private static final PluginType<NoContract> DECK = new PluginType<>("deck", NoContract.class);

  @TempDir Path root;

  @Test
  void pluginsStartInOrderOfRequirementAndStopInReverse() throws Exception {
    List<String> story = Collections.synchronizedList(new ArrayList<>());
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          telling(story, "deck.main", DECK, ENGINE), telling(story, "engine.diesel", ENGINE));
      assertThat(story).containsExactly("start engine.diesel", "start deck.main");
      assertThat(fixture.host.plugins())
          .extracting(PluginStatus::state)
          .containsOnly(State.RUNNING);
    }
    assertThat(story)
        .containsExactly(
            "start engine.diesel", "start deck.main", "stop deck.main", "stop engine.diesel");
  }

  @Test
  void aPluginFindsItsDirectoriesAndItsSectionWhenItIsCreated() throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    try (HostFixture fixture =
        new HostFixture(
            root,
            PluginPolicy.DEFAULT,
            "{\"plugins\":{\"engine.diesel\":{\"cylinders\":6},\"deck.main\":{}}}")) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host -> {
                seen.complete(
                    mode(host.dataDirectory())
                        + " "
                        + mode(host.runDirectory())
                        + " "
                        + host.configuration().path("cylinders").asInt());
                return TestPlugin.verticle(Future::succeededFuture);
              }));
      assertThat(seen).isCompletedWithValue("rwx--x--x rwx------ 6");
      assertThat(root.resolve("data/engine.diesel")).isDirectory();
      assertThat(root.resolve("run/engine.diesel")).isDirectory();
    }
  }

  @Test
  void aPluginThatThrowsInCreateFailsAloneAndItsDependantsNameTheCause() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host -> {
                throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "no fuel");
              }),
          TestPlugin.idle("deck.main", DECK, ENGINE),
          TestPlugin.idle("deck.other", DECK));
      assertThat(fixture.status("engine.diesel").error()).contains("no fuel");
      assertThat(fixture.status("deck.main").state()).isEqualTo(State.FAILED);
      assertThat(fixture.status("deck.main").error())
          .contains("it requires the type engine, but engine.diesel is failed (no fuel)");
      assertThat(fixture.status("deck.other").state()).isEqualTo(State.RUNNING);
      assertThat(fixture.host.plugins().get(0).id()).isEqualTo(new PluginId("deck.other"));
    }
  }

  @Test
  void aPluginWhoseStartThrowsOrFailsOrIsMissingAClassIsListedWithItsReason() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.of(
              "engine.a",
              ENGINE,
              host ->
                  TestPlugin.verticle(
                      () -> {
                        throw new IllegalStateException("stuck");
                      })),
          TestPlugin.of(
              "engine.b",
              ENGINE,
              host ->
                  TestPlugin.verticle(
                      () -> Future.failedFuture(new RuntimeFailure(Kind.NOT_FOUND, "no key")))),
          TestPlugin.of(
              "engine.c",
              ENGINE,
              host -> {
                throw new NoClassDefFoundError("com/example/Absent");
              }),
          TestPlugin.of("engine.d", ENGINE, host -> null),
          TestPlugin.idle("engine.e", ENGINE));
      assertThat(fixture.status("engine.a").error())
          .hasValueSatisfying(e -> assertThat(e).contains("stuck"));
      assertThat(fixture.status("engine.b").error()).contains("no key");
      assertThat(fixture.status("engine.c").error().orElseThrow()).contains("com/example/Absent");
      assertThat(fixture.status("engine.d").error().orElseThrow())
          .contains("create returned nothing");
      assertThat(fixture.status("engine.e").state()).isEqualTo(State.RUNNING);
    }
  }

  @Test
  void aStartThatNeverCompletesIsGivenUpAndCannotComeBackLater() throws Exception {
    Promise<Void> late = Promise.promise();
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    try (HostFixture fixture = new HostFixture(root, HostFixture.IMPATIENT)) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host -> {
                context.complete(host);
                return TestPlugin.verticle(late::future);
              }),
          TestPlugin.idle("deck.main", DECK));
      assertThat(fixture.status("engine.diesel").error())
          .contains("its start did not complete within 1.0 s");
      assertThat(fixture.status("deck.main").state()).isEqualTo(State.RUNNING);
      assertThatThrownBy(() -> context.join().providePort(String.class, "late"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("given up");
      late.complete();
      assertThat(fixture.status("engine.diesel").state()).isEqualTo(State.FAILED);
    }
  }

  @Test
  void aPluginThatThrowsInItsConstructorOrItsIdIsListedUnderItsClassName() throws Exception {
    class Nameless implements Plugin {
      @Override
      public PluginId id() {
        throw new IllegalStateException("who am I");
      }

      @Override
      public PluginType<?> type() {
        return ENGINE;
      }

      @Override
      public Deployable create(PluginContext host) {
        throw new AssertionError("must not be created");
      }
    }
    try (HostFixture fixture = new HostFixture(root)) {
      Plugin idle = TestPlugin.idle("engine.diesel", ENGINE);
      fixture.host.start(
          PluginDiscovery.discover(
              List.of(
                      HostFixture.provider(
                          TestPlugin.class,
                          () -> {
                            throw new ServiceConfigurationError(
                                "could not be instantiated", new IllegalStateException("boom"));
                          }),
                      HostFixture.provider(Nameless.class, Nameless::new),
                      HostFixture.provider(TestPlugin.class, () -> idle))
                  .iterator(),
              Duration.ofSeconds(5)),
          () -> false);
      assertThat(fixture.status("engine.diesel").state()).isEqualTo(State.RUNNING);
      assertThat(fixture.host.plugins())
          .filteredOn(status -> status.id().value().startsWith("unidentified."))
          .extracting(status -> status.error().orElseThrow())
          .satisfiesExactlyInAnyOrder(
              error -> assertThat(error).contains("TestPlugin").contains("boom"),
              error -> assertThat(error).contains("Nameless").contains("who am I"));
    }
  }

  @Test
  void theSecondPluginWithAnIdIsRefused() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.idle("engine.diesel", ENGINE), TestPlugin.idle("engine.diesel", DECK));
      assertThat(fixture.host.plugins())
          .extracting(PluginStatus::type, PluginStatus::state)
          .containsExactly(tuple("engine", State.RUNNING), tuple("deck", State.FAILED));
    }
  }

  @Test
  void aRequiredPluginThatFailsEndsTheStart() throws Exception {
    try (HostFixture fixture =
        new HostFixture(root, HostFixture.policy(Set.of("engine.diesel"), Set.of(), Map.of()))) {
      assertThatThrownBy(
              () ->
                  fixture.start(
                      TestPlugin.of(
                          "engine.diesel",
                          ENGINE,
                          host -> {
                            throw new RuntimeFailure(Kind.FAILED_PRECONDITION, "no fuel");
                          })))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessage("The required plugin engine.diesel is not running: no fuel");
    }
  }

  @Test
  void aRequiredPluginThatIsNotInstalledEndsTheStart() throws Exception {
    try (HostFixture fixture =
        new HostFixture(root, HostFixture.policy(Set.of("engine.diesel"), Set.of(), Map.of()))) {
      assertThatThrownBy(fixture::start)
          .hasMessage("The required plugin engine.diesel is not running: it is not installed");
    }
  }

  @Test
  void aDisabledPluginIsNotCreatedAndThoseThatNeedItSaySo() throws Exception {
    try (HostFixture fixture =
        new HostFixture(root, HostFixture.policy(Set.of(), Set.of("engine.diesel"), Map.of()))) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host -> {
                throw new AssertionError("must not be created");
              }),
          TestPlugin.idle("deck.main", DECK, ENGINE));
      assertThat(fixture.status("engine.diesel").state()).isEqualTo(State.DISABLED);
      assertThat(fixture.status("deck.main").error().orElseThrow())
          .contains("engine.diesel is disabled");
    }
  }

  @Test
  void aRequirementThatNobodyProvidesIsNamed() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(TestPlugin.idle("deck.main", DECK, ENGINE));
      assertThat(fixture.status("deck.main").error())
          .contains("it requires the type engine, which no installed plugin provides");
    }
  }

  @Test
  void pluginsInACycleFailWithTheCycleNamed() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.idle("deck.main", DECK, ENGINE),
          TestPlugin.idle("engine.diesel", ENGINE, DECK));
      assertThat(fixture.host.plugins())
          .extracting(status -> status.error().orElse(""))
          .containsOnly("plugins require each other: deck.main -> engine.diesel -> deck.main");
    }
  }

  @Test
  void onePluginOfSeveralThatRunsIsEnoughForThoseThatRequireTheType() throws Exception {
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.of("greeter.broken", GREETER, host -> null),
          greeter("greeter.kind", "Hello "),
          greeter("greeter.late", "Late "),
          capturing(context, GREETER));
      PluginContext host = context.join();
      assertThat(host.providers(GREETER))
          .containsExactly(new PluginId("greeter.kind"), new PluginId("greeter.late"));
      assertThat(greet(host.require(GREETER))).isEqualTo("Hello you");
      assertThat(greet(host.require(GREETER, new PluginId("greeter.late")))).isEqualTo("Late you");
      assertThatThrownBy(() -> host.require(GREETER, new PluginId("greeter.broken")))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("greeter.broken is failed");
      assertThatThrownBy(() -> host.require(ENGINE))
          .isInstanceOfSatisfying(
              RuntimeFailure.class,
              failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND));
    }
  }

  @Test
  void theConfiguredProviderIsPreferred() throws Exception {
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    try (HostFixture fixture =
        new HostFixture(
            root, HostFixture.policy(Set.of(), Set.of(), Map.of("greeter", "greeter.late")))) {
      fixture.start(
          greeter("greeter.kind", "Hello "),
          greeter("greeter.late", "Late "),
          capturing(context, GREETER));
      assertThat(greet(context.join().require(GREETER))).isEqualTo("Late you");
    }
  }

  @Test
  void portsAreHandedOutOnceAndWithdrawnWithTheirPlugin() throws Exception {
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host ->
                  TestPlugin.verticle(
                      () -> {
                        host.providePort(CharSequence.class, "port");
                        return Future.succeededFuture();
                      })),
          TestPlugin.of(
              "engine.twin",
              ENGINE,
              host ->
                  TestPlugin.verticle(
                      () -> {
                        host.providePort(CharSequence.class, "second");
                        return Future.succeededFuture();
                      })),
          capturing(context, ENGINE));
      PluginContext host = context.join();
      assertThat(host.port(CharSequence.class)).isEqualTo("port");
      assertThat(host.port(PluginListing.class).plugins()).hasSize(3);
      assertThat(fixture.status("engine.twin").error().orElseThrow())
          .contains("plugin engine.diesel does already");
      fixture.host.stop(fixture.host.slot(new PluginId("engine.diesel")).orElseThrow());
      assertThatThrownBy(() -> host.port(CharSequence.class))
          .isInstanceOfSatisfying(
              RuntimeFailure.class,
              failure -> assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND));
    }
  }

  @Test
  void aPluginWithAContractMustHaveProvidedItWhenItsStartCompletes() throws Exception {
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(TestPlugin.idle("greeter.silent", GREETER));
      assertThat(fixture.status("greeter.silent").error())
          .contains("it started without providing greeter");
    }
  }

  @Test
  void aStopThatNeverCompletesDoesNotKeepTheOthersRunning() throws Exception {
    try (HostFixture fixture = new HostFixture(root, HostFixture.IMPATIENT)) {
      fixture.start(
          TestPlugin.of(
              "engine.diesel",
              ENGINE,
              host ->
                  new Deployable() {
                    @Override
                    public Future<?> deploy(Context context) {
                      return Future.succeededFuture();
                    }

                    @Override
                    public Future<?> undeploy(Context context) {
                      return Promise.promise().future();
                    }
                  }),
          TestPlugin.idle("deck.main", DECK));
      fixture.host.stop();
      assertThat(fixture.host.plugins())
          .extracting(PluginStatus::state)
          .containsOnly(State.STOPPED);
      assertThat(fixture.status("engine.diesel").error())
          .contains("its stop did not complete within 1.0 s");
    }
  }

  @Test
  void commandsCompleteOnTheCallersContext() throws Exception {
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    try (HostFixture fixture = new HostFixture(root)) {
      fixture.start(capturing(context));
      PluginContext host = context.join();
      CompletableFuture<Boolean> same = new CompletableFuture<>();
      Context caller = fixture.vertx.getOrCreateContext();
      caller.runOnContext(
          ignored ->
              host.submit(Command.request(Origin.component("test"), view -> Decision.none("done")))
                  .onComplete(
                      done ->
                          same.complete(
                              Vertx.currentContext() == caller
                                  && done.result().reply().equals("done"))));
      assertThat(same.get(5, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(
              () ->
                  host.submit(
                          Command.request(
                              Origin.component("test"),
                              view -> {
                                throw new RuntimeFailure(Kind.NOT_FOUND, "no such thing");
                              }))
                      .await(5, TimeUnit.SECONDS))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessage("no such thing");
    }
  }

  private static TestPlugin telling(
      List<String> story, String id, PluginType<?> type, PluginType<?>... requires) {
    return TestPlugin.of(
        id,
        type,
        host ->
            new Deployable() {
              @Override
              public Future<?> deploy(Context context) {
                story.add("start " + id);
                return Future.succeededFuture();
              }

              @Override
              public Future<?> undeploy(Context context) {
                story.add("stop " + id);
                return Future.succeededFuture();
              }
            },
        requires);
  }

  private static TestPlugin capturing(
      CompletableFuture<PluginContext> context, PluginType<?>... requires) {
    return TestPlugin.of(
        "deck.capturing",
        DECK,
        host -> {
          context.complete(host);
          return TestPlugin.verticle(Future::succeededFuture);
        },
        requires);
  }

  private static TestPlugin greeter(String id, String words) {
    return TestPlugin.providing(
        id,
        GREETER,
        host ->
            new Greeter() {
              @Override
              public Future<String> greet(CallContext call, String name) {
                return Future.succeededFuture(words + name);
              }

              @Override
              public Future<String> ponder(CallContext call) {
                return Promise.<String>promise().future();
              }
            });
  }

  private static String greet(Greeter greeter) throws Exception {
    return greeter.greet(CallContext.component("test"), "you").await(5, TimeUnit.SECONDS);
  }

  private static String mode(Path directory) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
