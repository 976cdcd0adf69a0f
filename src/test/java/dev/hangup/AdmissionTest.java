package dev.hangup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Exchange;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.AimdLimit;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Helidon's own limits in front of Hangup: every permit comes back, and an adaptive one learns from what says something. */
class AdmissionTest {
    private static final int PERMITS = 10;
    /** What an adaptive limit makes of {@link #PERMITS} when one request was dropped. */
    private static final int FEWER = 9;
    /** What it never goes over. */
    private static final int MOST = 20;

    private final Trail trail = new Trail();
    private final AtomicLong now = new AtomicLong();
    private final Limit fixed = FixedLimit.builder().permits(PERMITS).build();
    private final Limit adaptive = AimdLimit.builder()
            .minLimit(1)
            .initialLimit(PERMITS)
            .maxLimit(MOST)
            .timeout(Duration.ofSeconds(5))
            .clock(now::get)
            .build();
    private final CpuBound cpu = CpuBound.builder().parallelism(1).queue(0).build();

    @ParameterizedTest
    @EnumSource
    void permitOfAnAnswerComesBack(Exchange.Protocol protocol) {
        comesBack(protocol, "/quick", 200);
    }

    @ParameterizedTest
    @EnumSource
    void permitOfAFailureComesBack(Exchange.Protocol protocol) {
        comesBack(protocol, "/broken", 500);
    }

    @ParameterizedTest
    @EnumSource
    void permitOfALateRequestComesBack(Exchange.Protocol protocol) {
        comesBack(protocol, "/late", 503);
    }

    @ParameterizedTest
    @EnumSource
    void permitOfARequestThatCannotBeUnderstoodComesBack(Exchange.Protocol protocol) {
        comesBack(protocol, "/quick", 400, "X-Request-Timeout-Ms", "soon");
    }

    @ParameterizedTest
    @EnumSource
    void permitOfARequestThatAFullQueueRefusesComesBack(Exchange.Protocol protocol) {
        try (TestServer server = start(fixed); Exchange first = protocol.send(server, "/cpu")) {
            trail.await("started");
            try (Exchange second = protocol.send(server, "/cpu")) {
                trail.add(second.status() == 503 ? "second is refused" : "second is answered");
                await(PERMITS - 1, fixed);
            }
            trail.add("first may end");
            assertEquals(200, first.status());
            await(PERMITS, fixed);
            assertEquals(List.of("started", "second is refused", "first may end", "released"), trail.events());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void permitOfAnAbandonedRequestComesBack(Exchange.Protocol protocol) {
        try (TestServer server = start(fixed)) {
            abandon(server, protocol);
            await(PERMITS, fixed);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void permitOfAnUnresponsiveRequestComesBackWhenItsWorkHasEnded(Exchange.Protocol protocol) {
        try (TestServer server = start(fixed); Exchange client = protocol.send(server, "/unresponsive")) {
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            assertEquals(PERMITS - 1, left(fixed));
            trail.add("may end");
            await(PERMITS, fixed);
            assertEquals(List.of("started", "interrupted", "may end", "released"), trail.events());
        }
    }

    @ParameterizedTest
    @EnumSource
    void permitOfARequestThatTheServersEndStopsComesBack(Exchange.Protocol protocol) {
        try (TestServer server = start(fixed); Exchange client = protocol.send(server, "/work")) {
            trail.await("started");
            server.close();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            await(PERMITS, fixed);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void permitOfARequestThatIsRefusedComesBack(Exchange.Protocol protocol) {
        try (TestServer server = start(fixed)) {
            abandonTooMany(server, protocol);
            try (Exchange client = protocol.send(server, "/work")) {
                assertEquals(429, client.status());
                await(PERMITS, fixed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void departureTeachesAnAdaptiveLimitNothing(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive)) {
            for (int i = 0; i < 2; i++) {
                abandon(server, protocol);
                await(PERMITS, adaptive);
            }
        }
    }

    /** Not even a departure that took so long that an answer would have been a sign of overload. */
    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void lateDepartureTeachesAnAdaptiveLimitNothing(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive); Exchange client = protocol.send(server, "/work")) {
            trail.await("started");
            now.addAndGet(Duration.ofMinutes(1).toNanos());
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            await(PERMITS, adaptive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void deadlineShrinksAnAdaptiveLimit(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive); Exchange client = protocol.send(server, "/late")) {
            assertEquals(503, client.status());
            await(FEWER, adaptive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void answerThatTookLongerThanItsTimeoutShrinksAnAdaptiveLimit(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive); Exchange client = protocol.send(server, "/until")) {
            trail.await("started");
            now.addAndGet(Duration.ofSeconds(6).toNanos());
            trail.add("may end");
            assertEquals(200, client.status());
            await(FEWER, adaptive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersWhileHalfOfItIsInUseLetAnAdaptiveLimitGrow(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive)) {
            List<LimitAlgorithm.Token> inUse = take(adaptive, PERMITS / 2 - 1);
            try (Exchange client = protocol.send(server, "/quick")) {
                assertEquals(200, client.status());
                await(PERMITS + 1 - inUse.size(), adaptive);
            }
        }
    }

    /** More of each than it can ever have permits. */
    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void adaptiveLimitIsNotUsedUpWhateverBecomesOfRequests(Exchange.Protocol protocol) {
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(adaptive), hangup -> { }, this::routing)) {
            for (int i = 0; i <= MOST; i++) {
                answered(protocol, server, "/quick", 200);
                answered(protocol, server, "/broken", 500);
                answered(protocol, server, "/late", 503);
                try (Exchange client = protocol.send(server, "/work")) {
                    trail.await("started", 2 * i + 2);
                    client.leave();
                }
                awaitAny(adaptive);
            }
        }
    }

    /** Helidon itself takes any 4xx over HTTP/2 for overload: one client could shrink the limit of all. */
    @ParameterizedTest
    @EnumSource
    @Tag("departure")
    void refusalOfAClientThatIsRefusedTeachesAnAdaptiveLimitNothing(Exchange.Protocol protocol) {
        try (TestServer server = start(adaptive)) {
            abandonTooMany(server, protocol);
            await(PERMITS, adaptive);
            List<LimitAlgorithm.Token> inUse = take(adaptive, PERMITS / 2);
            for (int i = 0; i < 5; i++) {
                try (Exchange client = protocol.send(server, "/work")) {
                    assertEquals(429, client.status());
                    await(PERMITS - inUse.size(), adaptive);
                }
            }
        }
    }

    private void comesBack(Exchange.Protocol protocol, String path, int status, String... headers) {
        try (TestServer server = start(fixed); Exchange client = protocol.send(server, path, headers)) {
            assertEquals(status, client.status());
            await(PERMITS, fixed);
        }
    }

    private void answered(Exchange.Protocol protocol, TestServer server, String path, int status) {
        try (Exchange client = protocol.send(server, path)) {
            assertEquals(status, client.status());
        }
        awaitAny(adaptive);
    }

    private static void awaitAny(Limit limit) {
        Await.until("a permit is left", () -> left(limit) > 0);
    }

    private void abandonTooMany(TestServer server, Exchange.Protocol protocol) {
        abandon(server, protocol);
        abandon(server, protocol);
    }

    private void abandon(TestServer server, Exchange.Protocol protocol) {
        int before = (int) trail.events().stream().filter("started"::equals).count();
        try (Exchange client = protocol.send(server, "/work")) {
            trail.await("started", before + 1);
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private static void await(int permits, Limit limit) {
        Await.until(permits + " permits are left", () -> left(limit) == permits);
    }

    private static int left(Limit limit) {
        List<LimitAlgorithm.Token> tokens = take(limit, Integer.MAX_VALUE);
        tokens.forEach(LimitAlgorithm.Token::ignore);
        return tokens.size();
    }

    private static List<LimitAlgorithm.Token> take(Limit limit, int atMost) {
        List<LimitAlgorithm.Token> tokens = new ArrayList<>();
        while (tokens.size() < atMost && limit.tryAcquireOutcome(false) instanceof LimitAlgorithm.Outcome.Accepted accepted) {
            tokens.add(accepted.token());
        }
        return tokens;
    }

    private TestServer start(Limit limit) {
        return TestServer.start(server -> server.concurrencyLimit(limit),
                                hangup -> hangup.abandonment(it -> it.mode(AbandonmentMode.REFUSE).abandoned(1)
                                        .window(Duration.ofHours(1))),
                                this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/quick", Hangup.cancellable(request -> "quick"))
                .get("/broken", Hangup.cancellable(request -> {
                    throw new IllegalStateException("broken");
                }))
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/late", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .get("/until", Hangup.cancellable((request, response) -> {
                    trail.ignoreInterruptsUntil("may end");
                    response.send();
                }))
                .get("/unresponsive", Hangup.cancellable((request, response) -> trail.ignoreInterruptsUntil("may end")))
                .get("/cpu", Hangup.cancellable(request -> cpu.call(() -> {
                    trail.ignoreInterruptsUntil("first may end");
                    return "computed";
                })));
    }
}
