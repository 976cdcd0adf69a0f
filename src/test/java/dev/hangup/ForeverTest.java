package dev.hangup;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.admission.AdmissionQueue;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBoundConfig;
import dev.hangup.isolated.IsolatedConfig;
import dev.hangup.process.Command;
import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.config.ConfigException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The longest times there are, which have no number of nanoseconds: refused where they are given, or bounded. Those of SQL and of
 * routes are in the tests of these.
 */
class ForeverTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void isRefusedWhereItIsGiven(String what, Executable given) {
        RuntimeException refusal = assertThrows(RuntimeException.class, given);
        assertTrue(refusal instanceof IllegalArgumentException || refusal instanceof ConfigException, refusal.toString());
        assertTrue(refusal.getMessage().contains(FOREVER.toString()), refusal.getMessage());
    }

    static Stream<Arguments> isRefusedWhereItIsGiven() {
        return Stream.of(
                refused("max-deadline", () -> HangupConfig.builder().maxDeadline(FOREVER).buildPrototype()),
                refused("deadline", () -> HangupConfig.builder().deadline(FOREVER).buildPrototype()),
                refused("stall-limit", () -> HangupConfig.builder().stallLimit(FOREVER).buildPrototype()),
                refused("retry-after", () -> HangupConfig.builder().retryAfter(FOREVER).buildPrototype()),
                refused("drain", () -> HangupConfig.builder().drain(FOREVER).buildPrototype()),
                refused("shutdown-delay", () -> HangupConfig.builder().shutdownDelay(FOREVER).buildPrototype()),
                refused("lingering-close", () -> HangupConfig.builder().lingeringClose(FOREVER).buildPrototype()),
                refused("unresponsive-after", () -> HangupConfig.builder().unresponsiveAfter(FOREVER).buildPrototype()),
                refused("paths.deadline", () -> HangupConfig.builder()
                        .addPath(HangupPathConfig.builder().path("/").deadline(FOREVER).buildPrototype()).buildPrototype()),
                refused("abandonment.window", () -> AbandonmentConfig.builder().window(FOREVER).build()),
                refused("cluster.gone-after", () -> ClusterConfig.builder().goneAfter(FOREVER).build()),
                refused("cpu retry-after", () -> CpuBoundConfig.builder().retryAfter(FOREVER).buildPrototype()),
                refused("isolated retry-after", () -> IsolatedConfig.builder().retryAfter(FOREVER).buildPrototype()),
                refused("isolated start-timeout", () -> IsolatedConfig.builder().startTimeout(FOREVER).buildPrototype()),
                refused("coalescing deadline", () -> Coalescing.<String, String>builder().deadline(FOREVER)),
                refused("keep-running", () -> Coalescing.<String, String>builder().keepRunning(FOREVER)),
                refused("cache-for", () -> Coalescing.<String, String>builder().cacheFor(FOREVER)),
                refused("grace of a command", () -> Command.builder("true").grace(FOREVER)),
                refused("retryAfter of a queue", () -> new AdmissionQueue("work", 1, 1, FOREVER)),
                refused("sendTimeout", () -> EventStream.of(FOREVER, (request, events) -> { })),
                refused("retry of an event", () -> Event.of("data").retry(FOREVER)));
    }

    private static Arguments refused(String what, Executable given) {
        return arguments(what, given);
    }

    @Test
    void deadlinesAreBoundedSoThatTheyCanBeCompared() {
        Deadline forever = Deadline.in(FOREVER);
        Deadline past = Deadline.in(Duration.ofSeconds(Long.MIN_VALUE));
        assertTrue(forever.remaining().compareTo(Duration.ofDays(36_000)) > 0, forever.remaining().toString());
        assertTrue(past.passed());
        assertEquals(Duration.ZERO, past.remaining());
        assertTrue(past.compareTo(forever) < 0);
        assertTrue(Deadline.in(Duration.ZERO).compareTo(forever) < 0);
    }

    @Test
    void serverWithAGracePeriodOfCenturiesStops() {
        try (TestServer server = TestServer.start(config -> config.shutdownGracePeriod(Duration.ofDays(200_000)), hangup -> { },
                                                  routing -> routing.get("/", Hangup.cancellable(request -> "done")));
                RawClient client = server.connect()) {
            assertEquals("done", client.get("/").read().text());
            server.close();
            assertEquals(0, client.readToEnd().length);
        }
    }
}
