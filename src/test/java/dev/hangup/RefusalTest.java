package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Exchange;
import dev.hangup.testing.Logged;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A refusal was completed work, or a failure. It is neither, whoever refuses. */
class RefusalTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void fullQueueRefuses(Exchange.Protocol protocol) {
        CpuBound cpu = CpuBound.builder().parallelism(1).queue(0).build();
        Handler handler = Hangup.cancellable(request -> cpu.call(this::untilReleased));
        assertSecond(protocol, routing -> routing.get("/work", handler));
    }

    @ParameterizedTest
    @EnumSource
    void fullQueueRefusesInACoveredPath(Exchange.Protocol protocol) {
        CpuBound cpu = CpuBound.builder().parallelism(1).queue(0).build();
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()),
                routing -> routing.get("/work", (request, response) -> response.send(cpu.call(this::untilReleased))))) {
            assertSecond(protocol, server);
        }
    }

    /** The filter does as that of Helidon's feature {@code limits}. */
    @ParameterizedTest
    @EnumSource
    void limitOfAFilterRefusesInACoveredPath(Exchange.Protocol protocol) {
        Limit limit = FixedLimit.builder().permits(1).build();
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()),
                routing -> routing.addFilter((chain, request, response) -> {
                    if (!(limit.tryAcquireOutcome(false) instanceof LimitAlgorithm.Outcome.Accepted accepted)) {
                        throw new HttpException("Limit exceeded", Status.SERVICE_UNAVAILABLE_503);
                    }
                    chain.proceed();
                    accepted.token().success();
                }).get("/work", (request, response) -> response.send(untilReleased())))) {
            assertSecond(protocol, server);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tooManyRequestsIsARefusal(Exchange.Protocol protocol) {
        assertEnd(protocol, Outcome.REFUSED, 429, (request, response) -> response.status(Status.TOO_MANY_REQUESTS_429).send());
        assertEnd(protocol, Outcome.REFUSED, 429, (request, response) -> {
            throw new HttpException("slow down", Status.TOO_MANY_REQUESTS_429, true);
        });
    }

    @ParameterizedTest
    @EnumSource
    void unavailableIsAFailureUnlessItSaysWhenToComeBack(Exchange.Protocol protocol) {
        assertEnd(protocol, Outcome.FAILED, 503, (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503).send());
        assertEnd(protocol, Outcome.REFUSED, 503, (request, response) -> response.status(Status.SERVICE_UNAVAILABLE_503)
                .header("Retry-After", "1").send());
    }

    /** Nobody was notified of it, and the abandonment limiter, which had admitted it, kept it for ever. */
    @ParameterizedTest
    @EnumSource
    void refusalThatReachesNoClientIsARefusal(Exchange.Protocol protocol) {
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    response.beforeSend(() -> {
                        throw new CloseConnectionException("The client has gone");
                    });
                    chain.proceed();
                })
                .any(Hangup.cancellable((request, response) -> response.send())));
                Exchange exchange = protocol.send(server, "/work", "X-Request-Timeout-Ms", "soon")) {
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.REFUSED, end.outcome());
        }
    }

    private void assertEnd(Exchange.Protocol protocol, Outcome outcome, int status, Handler handler) {
        try (TestServer server = TestServer.start(routing -> routing.any(Hangup.cancellable(handler)));
                Exchange exchange = protocol.send(server, "/work")) {
            assertEquals(status, exchange.status());
            RequestEnd end = server.nextEnd();
            assertEquals(outcome, end.outcome());
            assertEquals(status, end.status());
        }
    }

    private void assertSecond(Exchange.Protocol protocol, Consumer<HttpRouting.Builder> routing) {
        try (TestServer server = TestServer.start(routing)) {
            assertSecond(protocol, server);
        }
    }

    /** The second request is refused while the first is at work. */
    private void assertSecond(Exchange.Protocol protocol, TestServer server) {
        try (Logged log = Logged.by("dev.hangup"); Exchange first = protocol.send(server, "/work")) {
            trail.await("started");
            try (Exchange second = protocol.send(server, "/work")) {
                assertEquals(503, second.status());
                RequestEnd end = server.nextEnd();
                assertEquals(Outcome.REFUSED, end.outcome());
                assertEquals(503, end.status());
                assertEquals(Duration.ZERO, end.stopping());
                List<String> lines = log.trail().events();
                assertEquals(1, lines.size(), lines.toString());
                assertTrue(lines.getFirst().startsWith("refused GET /work id=" + end.id() + " "), lines.getFirst());
            }
            trail.add("release");
            assertEquals(200, first.status());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    private String untilReleased() throws InterruptedException {
        trail.add("started");
        trail.awaitInterruptibly("release");
        return "done";
    }
}
