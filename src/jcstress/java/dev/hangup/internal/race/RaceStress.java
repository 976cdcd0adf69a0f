package dev.hangup.internal.race;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.internal.response.ResponseView;

import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.ServerRequest;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * The work ends while Helidon interrupts the responding thread: whichever thread comes back from the decision finds it whole,
 * and the same as the other does.
 */
@JCStressTest
@Outcome(id = "WON, WON", expect = Expect.ACCEPTABLE, desc = "The work has won: it owns its response, and goes on undisturbed")
@Outcome(id = "LOST, LOST", expect = Expect.ACCEPTABLE, desc = "The work has lost: it owns nothing, and was aborted")
@Outcome(expect = Expect.FORBIDDEN, desc = "Half a decision, or two")
@State
public class RaceStress {
    private static final Listeners NOBODY = new Listeners(List.of(), List.of());
    static final ServerPolicy POLICY = new ServerPolicy(
            Duration.ofDays(1), Duration.ofDays(1), new StallLimit(Duration.ZERO, 0), ServerPolicy.CLIENT_CLOSED_REQUEST,
            Duration.ofSeconds(1), NOBODY, new UnresponsiveRegistry(Duration.ofDays(1), 1, NOBODY), List.of());
    static final RoutePolicy ROUTE = new RoutePolicy(Optional.empty(), Optional.empty());
    private static final ListenerContext LISTENER = answering(ListenerContext.class, Map.of(
            "contentEncodingContext", ContentEncodingContext.create(),
            "mediaContext", MediaContext.create(),
            "config", ListenerConfig.create()));
    private static final ServerRequest REQUEST = answering(ServerRequest.class, Map.of(
            "listenerContext", LISTENER,
            "headers", ServerRequestHeaders.create(WritableHeaders.create()),
            "prologue", HttpPrologue.create("HTTP/1.1", "HTTP", "1.1", Method.GET, "/", false)));

    private volatile boolean aborted;
    private volatile ResponseView view;
    private final Race race = new Race(POLICY, ROUTE, exchange(), null, Optional.empty(), REQUEST, null,
                                       (request, response) -> view = (ResponseView) response);

    @Actor
    public void work(LL_Result result) {
        race.taskEnded(race.work());
        result.r1 = seen();
    }

    @Actor
    public void interrupted(LL_Result result) {
        race.taskEnded(Race.STOPPING);
        result.r2 = seen();
    }

    private String seen() {
        boolean owns = view != null && view.attached();
        if (owns == aborted) {
            return "HALF";
        }
        return aborted ? "LOST" : "WON";
    }

    private Exchange exchange() {
        return exchange(() -> aborted = true);
    }

    /** An exchange on which departures are not noticed. */
    static Exchange exchange(Runnable aborted) {
        return (Exchange) Proxy.newProxyInstance(RaceStress.class.getClassLoader(), new Class<?>[] {Exchange.class},
                                                 (proxy, method, arguments) -> switch (method.getName()) {
            case "abort" -> {
                aborted.run();
                yield null;
            }
            case "headersReadAt" -> System.nanoTime();
            case "noticesDepartures", "watched", "endsConnection", "stalled", "isDelivered", "begun" -> false;
            default -> null;
        });
    }

    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(RaceStress.class.getClassLoader(), new Class<?>[] {type},
                                                (proxy, method, arguments) -> answers.get(method.getName())));
    }
}
