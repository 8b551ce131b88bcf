package dev.taffrail.core.host;

import static dev.taffrail.core.host.Greeter.GREETER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taffrail.core.error.Kind;
import dev.taffrail.core.error.RuntimeFailure;
import dev.taffrail.core.plugin.CallContext;
import dev.taffrail.core.plugin.Deadline;
import dev.taffrail.core.plugin.NoContract;
import dev.taffrail.core.plugin.PluginContext;
import dev.taffrail.core.plugin.PluginId;
import dev.taffrail.core.plugin.PluginStatus;
import dev.taffrail.core.plugin.PluginType;
import dev.taffrail.core.plugin.Unbounded;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractProxyTest {
  private static final PluginType<NoContract> CALLER = new PluginType<>("caller", NoContract.class);
  private static final PluginId PROVIDER = new PluginId("greeter.test");

  @TempDir Path root;
  private HostFixture fixture;
  private final TestGreeter service = new TestGreeter();
  private PluginContext caller;
  private Greeter greeter;

  /** Answers as the test says. */
  private static final class TestGreeter implements Greeter {
    volatile Answering answering = (call, name) -> Future.succeededFuture("Hello " + name);
    final Promise<String> thought = Promise.promise();
    final CompletableFuture<CallContext> received = new CompletableFuture<>();

    interface Answering {
      Future<String> answer(CallContext call, String name);
    }

    @Override
    public Future<String> greet(CallContext call, String name) {
      received.complete(call);
      return answering.answer(call, name);
    }

    @Override
    public Future<String> ponder(CallContext call) {
      received.complete(call);
      return thought.future();
    }
  }

  @BeforeEach
  void startACallerAndAProvider() {
    fixture = new HostFixture(root);
    CompletableFuture<PluginContext> context = new CompletableFuture<>();
    fixture.start(
        TestPlugin.providing(PROVIDER.value(), GREETER, host -> service),
        TestPlugin.of(
            "caller.test",
            CALLER,
            host -> {
              context.complete(host);
              return TestPlugin.verticle(Future::succeededFuture);
            },
            GREETER));
    caller = context.join();
    greeter = caller.require(GREETER);
  }

  @AfterEach
  void stopThem() {
    fixture.close();
  }

  @Test
  void aCallIsAnsweredAndCounted() throws Exception {
    assertThat(greet(call())).isEqualTo("Hello you");
    PluginStatus status = fixture.status(PROVIDER.value());
    assertThat(status.calls()).isEqualTo(1);
    assertThat(status.failures()).isZero();
    assertThat(status.busyNanos()).isPositive();
  }

  @Test
  void theProviderAnswersOnItsContextAndTheCallerHearsOnItsOwn() throws Exception {
    CompletableFuture<String> provider = new CompletableFuture<>();
    service.answering =
        (call, name) -> {
          provider.complete(Vertx.currentContext().deploymentID());
          return Future.succeededFuture(name);
        };
    CompletableFuture<Boolean> same = new CompletableFuture<>();
    Context context = fixture.vertx.getOrCreateContext();
    context.runOnContext(
        ignored ->
            greeter
                .greet(call(), "you")
                .onComplete(done -> same.complete(Vertx.currentContext() == context)));
    assertThat(same.get(5, TimeUnit.SECONDS)).isTrue();
    assertThat(provider.get(5, TimeUnit.SECONDS))
        .isEqualTo(
            fixture.host.slot(PROVIDER).orElseThrow().deployed().orElseThrow().deploymentId());
  }

  @Test
  void aFailureKeepsItsKindItsMessageAndItsCause() {
    IOException cause = new IOException("disk");
    service.answering =
        (call, name) ->
            Future.failedFuture(new RuntimeFailure(Kind.ALREADY_EXISTS, "taken: " + name, cause));
    assertThatThrownBy(() -> greet(call()))
        .isInstanceOfSatisfying(
            RuntimeFailure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.ALREADY_EXISTS);
              assertThat(failure).hasMessage("taken: you").hasCause(cause);
            });
    assertThat(fixture.status(PROVIDER.value()).failures()).isEqualTo(1);
  }

  @Test
  void anyOtherExceptionBecomesInternalWithItsCauseAttached() {
    IOException cause = new IOException("disk");
    service.answering = (call, name) -> Future.failedFuture(cause);
    assertFailure(() -> greet(call()), Kind.INTERNAL, "greeter.test greet failed");
    assertThatThrownBy(() -> greet(call())).hasCause(cause);
  }

  @Test
  void aSynchronousThrowAndAMissingFutureAreFailedCalls() throws Exception {
    service.answering =
        (call, name) -> {
          throw new RuntimeFailure(Kind.NOT_FOUND, "nobody");
        };
    assertFailure(() -> greet(call()), Kind.NOT_FOUND, "nobody");
    service.answering = (call, name) -> null;
    assertFailure(() -> greet(call()), Kind.INTERNAL, "returned no future");
    service.answering = (call, name) -> Future.succeededFuture("still here");
    assertThat(greet(call())).isEqualTo("still here");
  }

  @Test
  void theCallersDeadlineCutsTheMethodsAndSaysThatTheOutcomeIsUnknown() {
    service.answering = (call, name) -> Promise.<String>promise().future();
    assertFailure(
        () -> greet(call().within(Duration.ofMillis(50))),
        Kind.DEADLINE_EXCEEDED,
        "greeter.test greet did not answer in time; whether it took effect is unknown");
  }

  @Test
  void theProviderSeesTheMethodsDeadline() throws Exception {
    greet(call());
    assertThat(service.received.get(5, TimeUnit.SECONDS).remaining())
        .hasValueSatisfying(
            left -> assertThat(left).isBetween(Duration.ofMillis(1), Duration.ofSeconds(5)));
  }

  @Test
  void anExpiredCallIsNotSent() {
    assertFailure(
        () -> greet(call().within(Duration.ofNanos(-1))), Kind.DEADLINE_EXCEEDED, "was not sent");
    assertThat(service.received).isNotDone();
  }

  @Test
  void aCancelledCallFailsAtOnceAndTheProviderCanSeeIt() throws Exception {
    CallContext call = call();
    Future<String> answer = greeter.ponder(call);
    CallContext seen = service.received.get(5, TimeUnit.SECONDS);
    assertThat(seen.isCancelled()).isFalse();
    call.cancel();
    assertFailure(
        () -> answer.await(5, TimeUnit.SECONDS), Kind.CANCELLED, "took effect is unknown");
    assertThat(seen.isCancelled()).isTrue();
    service.thought.complete("too late");
    assertFailure(() -> greet(call), Kind.CANCELLED, "before it was sent");
  }

  @Test
  void answeredCallsLeaveNothingInALongLivedContext() throws Exception {
    CallContext call = call();
    greet(call);
    List<String> ran = new ArrayList<>();
    call.onCancel(() -> ran.add("removed")).remove();
    var unused = call.onCancel(() -> ran.add("kept"));
    call.cancel();
    assertThat(ran).containsExactly("kept");
  }

  @Test
  void aStoppedProviderFailsWhatIsInFlightAndRefusesWhatComesLater() throws Exception {
    Future<String> answer = greeter.ponder(call());
    service.received.get(5, TimeUnit.SECONDS);
    fixture.host.stop(provider());
    assertFailure(
        () -> answer.await(5, TimeUnit.SECONDS),
        Kind.UNAVAILABLE,
        "Plugin greeter.test was stopped while it worked on greeter.test ponder");
    assertFailure(
        () -> greet(call()),
        Kind.UNAVAILABLE,
        "greeter.test greet was not sent: the plugin is not running");
  }

  @Test
  void aProxySurvivesItsProvidersReplacement() throws Exception {
    fixture.host.stop(provider());
    fixture.host.start(provider());
    assertThat(greet(call())).isEqualTo("Hello you");
    fixture.host.stop(provider());
    fixture.host.start(provider());
    assertThat(greet(call())).isEqualTo("Hello you");
    assertThat(fixture.status(PROVIDER.value()).calls()).isEqualTo(2);
  }

  @Test
  void callsOfOneCallerArriveInOrder() throws Exception {
    List<String> arrived = new ArrayList<>();
    service.answering =
        (call, name) -> {
          arrived.add(name);
          return Future.succeededFuture(name);
        };
    CompletableFuture<List<String>> all = new CompletableFuture<>();
    fixture
        .vertx
        .getOrCreateContext()
        .runOnContext(
            ignored ->
                Future.all(
                        IntStream.range(0, 1000)
                            .mapToObj(i -> greeter.greet(call(), "" + i))
                            .toList())
                    .onComplete(done -> all.complete(List.copyOf(arrived))));
    assertThat(all.get(10, TimeUnit.SECONDS))
        .isEqualTo(IntStream.range(0, 1000).mapToObj(i -> "" + i).toList());
  }

  @Test
  void objectMethodsOfAProxyWork() {
    assertThat(greeter).hasToString("Greeter of greeter.test");
    assertThat(greeter)
        .isEqualTo(caller.require(GREETER, PROVIDER))
        .hasSameHashCodeAs(caller.require(GREETER, PROVIDER))
        .isNotEqualTo("Greeter of greeter.test");
  }

  interface Faulty {
    Future<Void> noContext();

    @Unbounded
    String noFuture(CallContext call);

    Future<Void> noDeadline(CallContext call);

    @Deadline(seconds = 1)
    @Unbounded
    Future<Void> both(CallContext call);
  }

  @Test
  void aContractThatIsNoneIsRefusedWithEveryFaultNamed() {
    assertThatThrownBy(() -> Contract.of(Faulty.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("noContext does not take a CallContext first")
        .hasMessageContaining("noContext needs exactly one of @Deadline and @Unbounded")
        .hasMessageContaining("noFuture does not return a Future")
        .hasMessageContaining("noDeadline needs exactly one of @Deadline and @Unbounded")
        .hasMessageContaining("both needs exactly one of @Deadline and @Unbounded");
  }

  @Test
  void aContractIsProvidedOnTheVerticlesContextOnly() {
    try (HostFixture other = new HostFixture(root.resolve("other"))) {
      other.start(
          TestPlugin.of(
              "greeter.early",
              GREETER,
              host -> {
                host.provide(GREETER, service);
                return TestPlugin.verticle(Future::succeededFuture);
              }));
      assertThat(other.status("greeter.early").error().orElseThrow())
          .contains("on its verticle's context");
    }
  }

  private PluginSlot provider() {
    return fixture.host.slot(PROVIDER).orElseThrow();
  }

  private String greet(CallContext call) throws Exception {
    return greeter.greet(call, "you").await(5, TimeUnit.SECONDS);
  }

  private static CallContext call() {
    return CallContext.component("test");
  }

  private static void assertFailure(ThrowingCallable action, Kind kind, String words) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RuntimeFailure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
        .hasMessageContaining(words);
  }
}
