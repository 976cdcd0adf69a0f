package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import dev.hangup.Computation;
import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.client.OutgoingDeadline;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.common.context.Contexts;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.logging.common.HelidonMdc;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests that want the same wait for one computation, which ends with the last of them. */
class CoalescingTest {
    private static final Duration HURRIED = Duration.ofSeconds(20);
    private static final Duration PATIENT = Duration.ofSeconds(25);

    private final Trail trail = new Trail();
    private final AtomicReference<Coalescing<String, ?>> coalescing = new AtomicReference<>();

    @Test
    void requestsThatWantTheSameShareOneComputation() {
        try (TestServer server = start(this::untilReleased);
                RawClient first = server.connect();
                RawClient second = server.connect()) {
            first.get("/a");
            trail.await("computing a");
            second.get("/a");
            awaitWaiters(2);
            trail.add("release");
            RawClient.Response one = first.read();
            RawClient.Response other = second.read();
            assertEquals("the answer to a", one.text());
            assertEquals("the answer to a", other.text());
            assertEquals("hangup; fwd=miss", one.headers().get("cache-status"));
            assertEquals("hangup; fwd=miss; collapsed", other.headers().get("cache-status"));
            assertEquals(List.of("computing a", "release"), trail.events());
            assertNothingLeft();
        }
    }

    @Test
    void requestsThatWantOtherThingsDoNot() {
        try (TestServer server = start(this::untilReleased);
                RawClient first = server.connect();
                RawClient second = server.connect()) {
            first.get("/a");
            second.get("/b");
            trail.await("computing a");
            trail.await("computing b");
            trail.add("release");
            assertEquals("the answer to a", first.read().text());
            assertEquals("the answer to b", second.read().text());
        }
    }

    @Test
    void aFailureGoesToAllWhoWaitAndIsNotKept() {
        try (TestServer server = start(key -> {
            String answer = untilReleased(key);
            if (trail.events().contains("better")) {
                return answer;
            }
            throw new HttpException("not today", Status.CONFLICT_409, true);
        });
                RawClient first = server.connect();
                RawClient second = server.connect()) {
            first.get("/a");
            trail.await("computing a");
            second.get("/a");
            awaitWaiters(2);
            trail.add("release");
            assertEquals(409, first.read().status());
            assertEquals(409, second.read().status());
            trail.add("better");
            assertEquals("the answer to a", first.get("/a").read().text());
        }
    }

    @Tag("departure")
    @Test
    void whoLeavesChangesNothingForTheOthers() {
        try (TestServer server = start(this::untilReleased); RawClient stays = server.connect()) {
            RawClient leaves = server.connect().get("/a");
            trail.await("computing a");
            stays.get("/a");
            awaitWaiters(2);
            leaves.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("release");
            assertEquals("the answer to a", stays.read().text());
            assertEquals(List.of("computing a", "release"), trail.events());
        }
    }

    @Tag("departure")
    @Test
    void theComputationIsInterruptedWhenTheLastOneHasLeft() {
        try (TestServer server = start(this::untilReleased)) {
            RawClient one = server.connect().get("/a");
            trail.await("computing a");
            RawClient other = server.connect().get("/a");
            awaitWaiters(2);
            one.leave();
            server.nextEnd();
            trail.add("one has left");
            other.leave();
            trail.await("interrupted a");
            assertEquals(List.of("computing a", "one has left", "interrupted a"), trail.events());
            assertNothingLeft();
        }
    }

    @Tag("departure")
    @Test
    void whoComesAfterTheLastHasLeftBeginsAnew() {
        try (TestServer server = start(this::untilReleased); RawClient next = server.connect()) {
            RawClient one = server.connect().get("/a");
            trail.await("computing a");
            one.leave();
            trail.await("interrupted a");
            next.get("/a");
            trail.await("computing a", 2);
            trail.add("release");
            assertEquals("the answer to a", next.read().text());
        }
    }

    @Tag("departure")
    @Test
    void whoComesBackWhileItLingersJoinsItAgain() {
        try (TestServer server = start(it -> it.keepRunning(Duration.ofMinutes(1)), this::untilReleased);
                RawClient again = server.connect()) {
            RawClient leaves = server.connect().get("/a");
            trail.await("computing a");
            leaves.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            again.get("/a");
            awaitWaiters(1);
            trail.add("release");
            RawClient.Response response = again.read();
            assertEquals("the answer to a", response.text());
            assertEquals("hangup; fwd=miss; collapsed", response.headers().get("cache-status"));
            assertEquals(List.of("computing a", "release"), trail.events());
        }
    }

    @Tag("departure")
    @Test
    void itIsInterruptedWhenItHasLingeredInVain() {
        try (TestServer server = start(it -> it.keepRunning(Duration.ofMillis(50)), this::untilReleased)) {
            RawClient leaves = server.connect().get("/a");
            trail.await("computing a");
            leaves.leave();
            trail.await("interrupted a");
            assertNothingLeft();
        }
    }

    @Tag("departure")
    @Test
    void itDoesNotLingerOnWhenTheServerHasStopped() {
        try (TestServer server = start(it -> it.keepRunning(Duration.ofHours(1)), this::untilReleased)) {
            RawClient leaves = server.connect().get("/a");
            trail.await("computing a");
            leaves.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("server stops");
            server.close();
            trail.await("interrupted a");
            assertEquals(List.of("computing a", "server stops", "interrupted a"), trail.events());
            assertNothingLeft();
        }
    }

    @Test
    void itDoesNotLingerForWhomTheServerStops() {
        try (TestServer server = start(it -> it.keepRunning(Duration.ofHours(1)), this::untilReleased);
                RawClient waits = server.connect()) {
            waits.get("/a");
            trail.await("computing a");
            server.close();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            trail.await("interrupted a");
            assertNothingLeft();
        }
    }

    @Test
    void eachWaitsUntilItsOwnDeadline() {
        try (TestServer server = start(this::untilReleased);
                RawClient hurried = server.connect();
                RawClient patient = server.connect()) {
            patient.get("/a");
            trail.await("computing a");
            assertEquals(503, hurried.get("/a", "X-Request-Timeout-Ms: 50\r\n").read().status());
            trail.add("release");
            assertEquals("the answer to a", patient.read().text());
        }
    }

    @Test
    void itsDeadlineIsTheLatestOfThoseWhoWait() {
        AtomicReference<Deadline> atFirst = new AtomicReference<>();
        try (TestServer server = hurriedAndPatient(() -> {
            atFirst.set(Deadline.current().orElseThrow());
            String answer = untilReleased("/a");
            return answer + ", later: " + (Deadline.current().orElseThrow().compareTo(atFirst.get()) > 0);
        });
                RawClient hurried = server.connect();
                RawClient patient = server.connect()) {
            hurried.get("/hurried");
            trail.await("computing a");
            assertTrue(atFirst.get().compareTo(Deadline.in(HURRIED)) <= 0);
            patient.get("/patient");
            awaitWaiters(2);
            trail.add("release");
            assertEquals("the answer to a, later: true", patient.read().text());
        }
    }

    /** What a client that asks for little time would leave to the calls of the computation is too little for whoever joins it. */
    @Test
    void itsDeadlineIsThatOfTheRouteWhateverAClientAsksFor() {
        for (String asked : List.of(Deadline.HEADER + ": 10000\r\n", "Prefer: wait=10\r\n")) {
            try (TestServer server = start(key -> OutgoingDeadline.millis().orElseThrow()); RawClient client = server.connect()) {
                int millis = Integer.parseInt(client.get("/a", asked).read().text());
                assertTrue(millis > 10_000 && millis <= 30_000, asked + millis);
            }
        }
    }

    @Test
    void itsDeadlineIsThatOfTheWorkWhateverAClientAsksFor() {
        Coalescing<String, String> inner = Coalescing.<String, String>builder()
                .key(request -> "same")
                .computing(key -> OutgoingDeadline.millis().orElseThrow())
                .deadline(PATIENT)
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(inner)));
                RawClient client = server.connect()) {
            int millis = Integer.parseInt(client.get("/", Deadline.HEADER + ": 10000\r\n").read().text());
            assertTrue(millis > 10_000 && millis <= PATIENT.toMillis(), () -> "Left: " + millis);
        }
    }

    @Test
    void whoJoinsAClientThatAsksForLittleTimeDoesNotGetItsFailure() {
        // on a slow machine, the first one may leave before the second one comes
        try (TestServer server = start(it -> it.keepRunning(Duration.ofMinutes(1)), key -> {
            Deadline calls = Deadline.current().orElseThrow();
            String answer = untilReleased(key);
            if (calls.passed()) {
                throw new HttpException("The call of the computation was given up", Status.GATEWAY_TIMEOUT_504, true);
            }
            return answer;
        });
                RawClient hurried = server.connect();
                RawClient patient = server.connect()) {
            hurried.get("/a", Deadline.HEADER + ": 1000\r\n");
            trail.await("computing a");
            patient.get("/a");
            Await.until("the second one has joined", () -> coalescing.get().coalesced() == 1);
            assertEquals(503, hurried.read().status());
            awaitWaiters(1);
            trail.add("release");
            assertEquals("the answer to a", patient.read().text());
            assertEquals(List.of("computing a", "release"), trail.events());
        }
    }

    @Test
    void itIsInterruptedAtTheDeadlineOfTheLastOne() {
        try (TestServer server = start(this::untilReleased)) {
            // on a slow machine the time may be up before anything has begun
            Await.until("it is interrupted", () -> {
                try (RawClient client = server.connect()) {
                    assertEquals(503, client.get("/a", "X-Request-Timeout-Ms: 100\r\n").read().status());
                }
                return trail.events().contains("interrupted a");
            });
            assertNothingLeft();
        }
    }

    @Tag("departure")
    @Test
    void itsDeadlineIsThatOfThoseWhoAreLeft() {
        List<Deadline> seen = new CopyOnWriteArrayList<>();
        try (TestServer server = hurriedAndPatient(() -> {
            for (String next : List.of("both wait", "one has left")) {
                seen.add(Deadline.current().orElseThrow());
                trail.add("computing " + seen.size());
                trail.awaitInterruptibly(next);
            }
            seen.add(Deadline.current().orElseThrow());
            return "done";
        });
                RawClient hurried = server.connect()) {
            hurried.get("/hurried");
            trail.await("computing 1");
            RawClient patient = server.connect().get("/patient");
            awaitWaiters(2);
            trail.add("both wait");
            trail.await("computing 2");
            patient.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("one has left");
            assertEquals("done", hurried.read().text());
            assertTrue(seen.get(1).compareTo(seen.get(0)) > 0);
            assertEquals(seen.get(0), seen.get(2));
        }
    }

    @Test
    void itKnowsNothingOfTheRequestsThatWait() {
        ScopedValue<String> scoped = ScopedValue.newInstance();
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        Computation<String> what = request -> "scoped " + scoped.isBound() + ", context " + Contexts.context().isPresent()
                + ", logging " + HelidonMdc.get("key").isPresent() + ", inherited " + (inherited.get() != null);
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> ScopedValue.where(scoped, "bound").run(() -> Contexts.runInContext(
                        request.context(), () -> {
                            HelidonMdc.set("key", "value");
                            inherited.set("value");
                            chain.proceed();
                            inherited.remove();
                            HelidonMdc.clear();
                        })))
                .get("/own", Hangup.cancellable(what))
                .get("/shared", Coalescing.<String, String>builder()
                        .key(request -> "same")
                        .computing(key -> what.compute(null))
                        .build())); RawClient client = server.connect()) {
            assertEquals("scoped true, context true, logging true, inherited true", client.get("/own").read().text());
            assertEquals("scoped false, context false, logging false, inherited false", client.get("/shared").read().text());
        }
    }

    @Tag("departure")
    @Test
    void whoLeavesGivesItsPermitBackAtOnce() {
        FixedLimit limit = FixedLimit.builder().permits(2).build();
        Coalescing<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> "/a")
                .computing(this::untilReleased)
                .build();
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(limit), hangup -> { },
                                                  routing -> routing.get("/", coalescing));
                RawClient stays = server.connect();
                RawClient comes = server.connect()) {
            RawClient leaves = server.connect().get("/");
            trail.await("computing a");
            stays.get("/");
            Await.until("both wait", () -> coalescing.waiting() == 2);
            leaves.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            Await.until("its permit is back", () -> limit.tryAcquireOutcome(false) instanceof LimitAlgorithm.Outcome.Accepted
                    accepted && ignored(accepted.token()));
            comes.get("/");
            Await.until("the next one waits", () -> coalescing.waiting() == 2);
            trail.add("release");
            assertEquals("the answer to a", stays.read().text());
            assertEquals("the answer to a", comes.read().text());
            assertEquals(List.of("computing a", "release"), trail.events());
        }
    }

    private static boolean ignored(LimitAlgorithm.Token token) {
        token.ignore();
        return true;
    }

    @Test
    void aResultIsCachedForARetry() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofMinutes(1)), this::counted);
                RawClient client = server.connect()) {
            RawClient.Response first = client.get("/a").read();
            RawClient.Response retry = client.get("/a").read();
            assertEquals("answer 1", first.text());
            assertEquals("answer 1", retry.text());
            assertEquals(null, first.headers().get("age"));
            assertTrue(retry.headers().get("age").matches("\\d"), retry.headers().get("age"));
            assertTrue(retry.headers().get("cache-status").matches("hangup; hit; ttl=(5\\d|60)"),
                       retry.headers().get("cache-status"));
            assertEquals("answer 2", client.get("/b").read().text());
        }
    }

    @Tag("departure")
    @Test
    void whatLandsAfterItsClientHasLeftIsThereForTheRetry() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofMinutes(1)).keepRunning(Duration.ofMinutes(1)),
                                       this::untilReleased);
                RawClient retry = server.connect()) {
            RawClient leaves = server.connect().get("/a");
            trail.await("computing a");
            leaves.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("release");
            Await.until("the result is cached", () -> coalescing.get().cached() == 1);
            assertTrue(retry.get("/a").read().headers().get("cache-status").startsWith("hangup; hit"));
        }
    }

    @Test
    void aResultIsForgottenWhenItsTimeIsOver() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofNanos(1)), this::counted);
                RawClient client = server.connect()) {
            assertEquals("answer 1", client.get("/a").read().text());
            assertEquals("answer 2", client.get("/a").read().text());
        }
    }

    @Test
    void noMoreResultsAreCachedThanThereIsRoomFor() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofMinutes(1)).cacheSize(10), this::counted);
                RawClient client = server.connect()) {
            for (int i = 0; i < 100; i++) {
                client.get("/" + i).read();
            }
            assertEquals(10, coalescing.get().cached());
        }
    }

    @Test
    void resultsThatCannotBeWeighedAreAnsweredAndNotCached() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofMinutes(1)).weighing(result -> {
            throw new IllegalStateException("no scales");
        }), this::counted);
                RawClient client = server.connect()) {
            assertEquals("answer 1", client.get("/a").read().text());
            assertEquals("answer 2", client.get("/a").read().text());
            assertNothingLeft();
        }
    }

    @Test
    void neitherAFailureNorNothingIsCached() {
        try (TestServer server = start(it -> it.cacheFor(Duration.ofMinutes(1)), key -> {
            String answer = counted(key);
            return switch (key) {
                case "/fails" -> throw new HttpException(answer, Status.CONFLICT_409, true);
                case "/nothing" -> null;
                default -> Optional.empty();
            };
        });
                RawClient client = server.connect()) {
            for (int i = 0; i < 2; i++) {
                assertEquals(409, client.get("/fails").read().status());
                assertEquals(204, client.get("/nothing").read().status());
                assertEquals(404, client.get("/none").read().status());
            }
            assertEquals(6, trail.events().size());
            assertEquals(0, coalescing.get().cached());
        }
    }

    @Test
    void aKeyThatTheRequestDoesNotHaveIsTheRequestsFailure() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Coalescing.<String, String>builder()
                .key(request -> {
                    throw new HttpException("q is missing", Status.BAD_REQUEST_400, true);
                })
                .computing(this::counted)
                .build())); RawClient client = server.connect()) {
            assertEquals(400, client.get("/").read().status());
            assertEquals(List.of(), trail.events());
        }
    }

    @Test
    void twoRoutesShareNothing() {
        Coalescing<String, String> one = remembering();
        Coalescing<String, String> other = remembering();
        try (TestServer server = TestServer.start(routing -> routing.get("/one", one).get("/other", other));
                RawClient client = server.connect()) {
            assertNotEquals(client.get("/one").read().text(), client.get("/other").read().text());
        }
    }

    @Test
    void usersWhoAreInTheKeyShareNothing() {
        record Key(String user, String path) {
        }
        try (TestServer server = TestServer.start(routing -> routing.get("/*", Coalescing.<Key, String>builder()
                .key(request -> new Key(request.headers().get(HeaderNames.AUTHORIZATION).get(), request.path().path()))
                .computing(key -> counted(key.user()) + " for " + key.user())
                .cacheFor(Duration.ofMinutes(1))
                .build())); RawClient client = server.connect()) {
            assertEquals("answer 1 for an", client.get("/a", "Authorization: an\r\n").read().text());
            // as one string both would be the same
            assertEquals("answer 2 for a", client.get("/na", "Authorization: a\r\n").read().text());
            assertEquals("answer 2 for a", client.get("/na", "Authorization: a\r\n").read().text());
            assertEquals("answer 1 for an", client.get("/a", "Authorization: an\r\n").read().text());
        }
    }

    private Coalescing<String, String> remembering() {
        return Coalescing.<String, String>builder()
                .key(it -> "same")
                .computing(this::counted)
                .cacheFor(Duration.ofMinutes(1))
                .build();
    }

    /** Two routes with deadlines of their own, whose requests share all computations. */
    private TestServer hurriedAndPatient(Callable<String> computation) {
        Coalescing<String, String> handler = Coalescing.<String, String>builder()
                .key(request -> "same")
                .computing(key -> computation.call())
                .build();
        coalescing.set(handler);
        return TestServer.start(routing -> routing
                .get("/hurried", Hangup.cancellable(HURRIED, handler))
                .get("/patient", Hangup.cancellable(PATIENT, handler)));
    }

    private TestServer start(CoalescedComputation<String, Object> computation) {
        return start(UnaryOperator.identity(), computation);
    }

    private TestServer start(UnaryOperator<Coalescing.Builder<String, Object>> options,
                             CoalescedComputation<String, Object> computation) {
        Coalescing<String, Object> handler = options.apply(Coalescing.<String, Object>builder()
                                                               .key(request -> request.path().path())
                                                               .computing(computation))
                .build();
        coalescing.set(handler);
        return TestServer.start(routing -> routing.get("/*", handler));
    }

    private String untilReleased(String key) throws InterruptedException {
        String name = key.substring(1);
        trail.add("computing " + name);
        try {
            trail.awaitInterruptibly("release");
        } catch (InterruptedException e) {
            trail.add("interrupted " + name);
            throw e;
        }
        return "the answer to " + name;
    }

    private String counted(String key) {
        trail.add("computed");
        return "answer " + trail.events().size();
    }

    private void awaitWaiters(int waiters) {
        Await.until(waiters + " wait", () -> coalescing.get().waiting() == waiters);
    }

    private void assertNothingLeft() {
        Await.until("nothing is running", () -> coalescing.get().running() == 0);
    }
}
