package dev.hangup.internal.race;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.ServerRequest;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Of several causes, the first is the reason of the cancellation, and the result of the race names no other. */
class RaceReasonTest {
    private static final Listeners NOBODY = new Listeners(List.of(), List.of());
    private static final ServerPolicy POLICY = new ServerPolicy(
            Duration.ofDays(1), Duration.ofDays(1), new StallLimit(Duration.ZERO, 0), ServerPolicy.CLIENT_CLOSED_REQUEST,
            Duration.ofSeconds(1), NOBODY, new UnresponsiveRegistry(Duration.ofDays(1), 1, NOBODY), List.of());
    private static final RoutePolicy ROUTE = new RoutePolicy(Optional.empty(), Optional.empty());
    private static final ServerRequest REQUEST = proxy(ServerRequest.class, Map.of(
            "listenerContext", proxy(ListenerContext.class, Map.of("contentEncodingContext", ContentEncodingContext.create(),
                                                                   "mediaContext", MediaContext.create(),
                                                                   "config", ListenerConfig.create())),
            "headers", ServerRequestHeaders.create(WritableHeaders.create()),
            "prologue", HttpPrologue.create("HTTP/1.1", "HTTP", "1.1", Method.GET, "/", false)));

    private Race race;
    /** Why the exchange was aborted, as the decision has it. */
    private Outcome aborted;

    @Test
    void departureAfterTheServerHasBegunToStopIsNotTheReason() {
        assertEquals(Outcome.SHUTDOWN, end(false, it -> {
            it.stopping();
            it.departed();
        }));
    }

    @Test
    void deadlineThatPassesAfterTheClientHasLeftIsNotTheReason() {
        assertEquals(Outcome.DISCONNECTED, end(false, it -> {
            it.departed();
            it.shorten(Duration.ofNanos(1));
        }));
    }

    @Test
    void departureAfterTheDeadlineHasPassedIsNotTheReason() {
        assertEquals(Outcome.DEADLINE_EXCEEDED, end(false, it -> {
            it.shorten(Duration.ofNanos(1));
            it.departed();
        }));
    }

    @Test
    void departureAfterTheWorkHasStalledIsNotTheReason() {
        assertEquals(Outcome.STALLED, end(true, it -> { }));
        race.departed();
        assertEquals(Optional.of(Outcome.STALLED), race.cancellation().reason());
    }

    /** Helidon interrupts at the end of the grace period, whatever has cancelled the work by then. */
    @Test
    void stopAfterTheClientHasLeftIsNotTheReason() {
        race = race(false, it -> { });
        race.departed();
        race.taskEnded(Race.STOPPING);
        assertEquals(Outcome.DISCONNECTED, aborted);
    }

    /** The outcome of work that throws once several causes have come together. */
    private Outcome end(boolean stalled, Consumer<Race> causes) {
        race = race(stalled, causes);
        return ((RaceResult.Cancelled) race.work()).outcome();
    }

    private Race race(boolean stalled, Consumer<Race> causes) {
        return new Race(POLICY, ROUTE, exchange(stalled), null, Optional.empty(), REQUEST, null, (request, response) -> {
            causes.accept(race);
            throw new IOException("closed");
        });
    }

    private Exchange exchange(boolean stalled) {
        return (Exchange) Proxy.newProxyInstance(Exchange.class.getClassLoader(), new Class<?>[] {Exchange.class},
                                                 (proxy, method, arguments) -> switch (method.getName()) {
            case "abort" -> {
                aborted = (Outcome) arguments[0];
                yield null;
            }
            case "headersReadAt" -> System.nanoTime();
            case "stalled" -> stalled;
            case "noticesDepartures", "watched", "endsConnection", "isDelivered", "begun" -> false;
            default -> null;
        });
    }

    private static <T> T proxy(Class<T> type, Map<String, Object> results) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                                                (proxy, method, arguments) -> results.get(method.getName())));
    }
}
