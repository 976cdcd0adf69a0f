package dev.hangup.internal.abandonment;

import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.sse.EventStream;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.LoggingLimit;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.configurable.AllowList;
import io.helidon.http.BadRequestException;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.Status;
import io.helidon.http.UnauthorizedException;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that abandon too many requests are refused before any work begins. */
class AbandonmentLimiterTest {
    private static final int ALLOWED = 2;

    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void clientThatAbandonsTooManyIsRefusedBeforeItsWorkBegins() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            abandon(server, ALLOWED + 1);
            RawClient.Response answer = client.get("/work/7").read();
            assertEquals(429, answer.status());
            assertEquals("application/problem+json", answer.headers().get("content-type"));
            assertTrue(answer.text().contains("\"status\":429"), answer.text());
            int seconds = Integer.parseInt(answer.headers().get("retry-after"));
            assertTrue(seconds > 3500 && seconds <= 3600, "Retry-After: " + seconds);
            assertEquals(ALLOWED + 1, Collections.frequency(trail.events(), "started"));
        }
    }

    @Test
    @Tag("departure")
    void refusedRequestEndsAsRefused() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            abandon(server, ALLOWED + 1);
            client.get("/work/7").read();
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.REFUSED, end.outcome());
            assertEquals(Optional.empty(), end.errorType());
            assertEquals(429, end.status());
            assertEquals("/work/{id}", end.route());
        }
    }

    /** The route that is refused is the second that the request comes to; the first has passed it on. */
    @Test
    @Tag("departure")
    void requestThatComesToSeveralRoutesIsRefusedByTheOneItIsLeftOn() {
        try (TestServer server = start(refusing -> { })) {
            for (int i = 0; i <= ALLOWED; i++) {
                abandonAt(server, "/passed/on");
            }
            assertEquals(429, get(server, "/passed/on"));
            assertEquals(Outcome.REFUSED, server.nextEnd().outcome());
            assertEquals("quick", quick(server, "/passed/quick"));
        }
    }

    @Test
    @Tag("departure")
    void asManyAsAreAllowedAreForgiven() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            abandon(server, ALLOWED);
            client.get("/work/7", "X-Request-Timeout-Ms: 1\r\n");
            assertEquals(503, client.read().status());
            abandon(server, 1);
            assertEquals(429, get(server, "/work/7"));
        }
    }

    @Test
    @Tag("departure")
    void otherRoutesAreNotConcerned() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            abandon(server, ALLOWED + 1);
            assertEquals(429, client.get("/work/7").read().status());
            assertEquals("quick", client.get("/quick").read().text());
        }
    }

    @Test
    @Tag("departure")
    void clientIsServedAgainWhenTheWindowHasPassed() {
        try (TestServer server = start(refusing -> refusing.abandoned(1).window(Duration.ofSeconds(2)))) {
            // on a slow machine the window may pass in the meantime
            Await.until("it is refused", () -> {
                abandon(server, 1);
                return get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n") == 429;
            });
            Await.until("it is served", () -> get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n") == 503);
        }
    }

    /** It counts when it is noticed: storms do not wait for the work to end. */
    @Test
    @Tag("departure")
    void departureCountsWhileTheWorkGoesOn() {
        try (TestServer server = start(refusing -> refusing.abandoned(1));
                RawClient one = server.connect(); RawClient other = server.connect()) {
            one.get("/unresponsive");
            other.get("/unresponsive");
            trail.await("started", 2);
            one.leave();
            other.leave();
            trail.await("interrupted", 2);
            Await.until("it is refused", () -> get(server, "/unresponsive", "X-Request-Timeout-Ms: 1\r\n") == 429);
            trail.add("refused");
            trail.await("released", 2);
            assertTrue(trail.events().indexOf("refused") < trail.events().indexOf("released"), trail.events().toString());
        }
    }

    @Test
    void deadlinesAndErrorsDoNotCount() {
        try (TestServer server = start(refusing -> refusing.abandoned(1))) {
            for (int i = 0; i < 4; i++) {
                assertEquals(503, get(server, "/late"));
                assertEquals(500, get(server, "/broken"));
            }
        }
    }

    /** It has cost nobody anything. */
    @Test
    @Tag("departure")
    void whoLeavesAQueueHasAbandonedNothing() {
        Limit limit = FixedLimit.builder().permits(1).queueLength(10).queueTimeout(Duration.ofMinutes(1)).build();
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(new LoggingLimit(limit, trail)),
                                                  hangup -> hangup.abandonment(it -> it.mode(AbandonmentMode.REFUSE).abandoned(1)
                                                          .window(Duration.ofHours(1))), this::routing);
                RawClient first = server.connect()) {
            first.get("/unresponsive");
            trail.await("started");
            for (int i = 1; i <= 3; i++) {
                try (RawClient client = server.connect()) {
                    client.get("/work/" + i);
                    trail.await("asked", i + 1);
                }
                trail.await("turned away", i);
            }
            trail.add("refused");
            assertEquals(503, get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n"));
        }
    }

    @Test
    @Tag("departure")
    void nobodyIsRefusedByDefault() {
        try (TestServer server = TestServer.start(this::routing)) {
            abandon(server, 20);
            assertEquals(503, get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n"));
        }
    }

    @Test
    @Tag("departure")
    void loggingRefusesNobodyAndSaysWhoWouldBe() {
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = start(logging -> logging.mode(AbandonmentMode.LOG))) {
            abandon(server, ALLOWED + 3);
            assertEquals(503, get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n"));
            List<String> said = said(logged, "would be refused");
            assertEquals(1, said.size(), said.toString());
            assertTrue(said.getFirst().matches("would be refused GET /work/\\{id} peer=127\\.0\\.0\\.1:\\d+ "
                                                       + "client=127\\.0\\.0\\.1 abandoned=3 for=\\d+s"), said.getFirst());
        }
    }

    /** A client cannot break out of the line, nor add a field to it, by the path of a service with a wildcard. */
    @Test
    @Tag("departure")
    void refusalIsOneLineWhateverThePathIs() {
        String path = "/wild/A%0d%0aFAKE%1b%5b31m%e2%80%ae%20client=nobody";
        try (Logged logged = Logged.by("dev.hangup"); TestServer server = start(refusing -> refusing.abandoned(1))) {
            abandonAt(server, path);
            abandonAt(server, path);
            assertEquals(429, get(server, path));
            String said = said(logged, "refused").getFirst();
            assertTrue(said.matches("refused GET /wild/A\\\\u000d\\\\u000aFAKE\\\\u001b\\[31m\\\\u202e\\\\u0020client=nobody "
                                            + "peer=127\\.0\\.0\\.1:\\d+ client=127\\.0\\.0\\.1 abandoned=2 for=\\d+s"), said);
        }
    }

    @Test
    @Tag("departure")
    void refusalNamesTheParametersOfAService() {
        try (Logged logged = Logged.by("dev.hangup"); TestServer server = start(refusing -> refusing.abandoned(1))) {
            abandonAt(server, "/tenant/secret/work");
            abandonAt(server, "/tenant/secret/work");
            assertEquals(429, get(server, "/tenant/secret/work"));
            assertTrue(said(logged, "refused").getFirst().startsWith("refused GET /tenant/{name}/work peer="));
        }
    }

    @Test
    @Tag("departure")
    void refusalIsLoggedOnceForAWindow() {
        try (Logged logged = Logged.by("dev.hangup"); TestServer server = start(refusing -> { })) {
            abandon(server, ALLOWED + 1);
            for (int i = 0; i < 5; i++) {
                assertEquals(429, get(server, "/work/7"));
            }
            assertEquals(1, said(logged, "refused").size());
        }
    }

    @Test
    @Tag("departure")
    void resetsOfHttp2StreamsCount() {
        try (TestServer server = start(refusing -> { });
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 1; i <= ALLOWED + 1; i++) {
                int id = client.get("/work/7");
                trail.await("started", i);
                client.send(Http2Client.reset(id));
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
            assertEquals(429, client.answer(client.get("/work/7")).status());
            assertEquals("quick", client.answer(client.get("/quick")).text());
        }
    }

    @Test
    @Tag("departure")
    void headersThatAnyoneCanSetHideNobody() {
        try (TestServer server = start(refusing -> { })) {
            for (int i = 0; i <= ALLOWED; i++) {
                abandon(server, 1, "X-Forwarded-For: 6.6.6." + i + "\r\n", "Forwarded: for=6.6.6." + i + "\r\n");
            }
            assertEquals(429, get(server, "/work/7", "X-Forwarded-For: 192.0.2.7\r\n", "Forwarded: for=192.0.2.7\r\n"));
        }
    }

    @Test
    @Tag("departure")
    void clientsOfATrustedProxyAreToldApart() {
        try (TestServer server = TestServer.start(
                config -> config.requestedUriDiscoveryContext(it -> it
                        .addDiscoveryType(RequestedUriDiscoveryContext.RequestedUriDiscoveryType.X_FORWARDED)
                        .trustedProxies(AllowList.builder().addAllowed("127.0.0.1").build())),
                hangup -> hangup.abandonment(it -> it.mode(AbandonmentMode.REFUSE).abandoned(ALLOWED)), this::routing)) {
            abandon(server, ALLOWED + 1, "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n");
            assertEquals(429, get(server, "/work/7", "X-Forwarded-For: 192.0.2.7\r\n"));
            assertEquals(503, get(server, "/work/7", "X-Forwarded-For: 192.0.2.8\r\n", "X-Request-Timeout-Ms: 1\r\n"));
        }
    }

    @Test
    @Tag("departure")
    void keyOfOnesOwnTellsClientsApart() {
        try (TestServer server = start(refusing -> refusing.client(request ->
                request.headers().first(HeaderNames.AUTHORIZATION)))) {
            abandon(server, ALLOWED + 1, "Authorization: ann\r\n");
            assertEquals(429, get(server, "/work/7", "Authorization: ann\r\n"));
            assertEquals(503, get(server, "/work/7", "Authorization: bob\r\n", "X-Request-Timeout-Ms: 1\r\n"));
        }
    }

    @Test
    @Tag("departure")
    void keyOfOnesOwnIsNotLogged() {
        try (Logged logged = Logged.by("dev.hangup"); TestServer server = start(refusing -> refusing.client(request ->
                request.headers().first(HeaderNames.AUTHORIZATION)))) {
            abandon(server, ALLOWED + 1, "Authorization: secret\r\n");
            assertEquals(429, get(server, "/work/7", "Authorization: secret\r\n"));
            assertTrue(said(logged, "refused").getFirst().contains(" client=keyed "), logged.trail().events().toString());
            assertEquals(List.of(), said(logged, "secret"));
        }
    }

    @Test
    @Tag("departure")
    void clientWithoutAKeyIsNotRefused() {
        try (TestServer server = start(refusing -> refusing.client(request -> Optional.empty()))) {
            abandon(server, ALLOWED + 3);
            assertEquals(503, get(server, "/work/7", "X-Request-Timeout-Ms: 1\r\n"));
        }
    }

    @Test
    void keyThatThrowsGoesToTheErrorHandlers() {
        try (TestServer server = start(refusing -> refusing.client(request -> {
            throw new IllegalArgumentException("no key");
        }))) {
            assertEquals(418, get(server, "/quick"));
            assertEquals(418, server.nextEnd().status());
        }
    }

    /** Under {@code paths} the key is asked before the routing. */
    @ParameterizedTest
    @EnumSource
    void keyOfAPathThatThrowsGoesToFiltersAndErrorHandlers(Thrown thrown) {
        try (TestServer server = startWithKeyOfPath(thrown)) {
            assertEquals(thrown.status, get(server, "/bare"));
            assertEquals(thrown.status, server.nextEnd().status());
            assertEquals(List.of("filter", "filter threw " + thrown.type.getSimpleName()), trail.events());
        }
    }

    @ParameterizedTest
    @EnumSource
    void keyOfAPathThatThrowsGoesToFiltersAndErrorHandlersOverHttp2(Thrown thrown) {
        try (TestServer server = startWithKeyOfPath(thrown);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            // more than the streams of a connection, so that none is lost
            for (int i = 0; i < 3; i++) {
                assertEquals(thrown.status, client.answer(client.get("/bare")).status());
                assertEquals(thrown.status, server.nextEnd().status());
            }
            assertEquals(List.of("filter", "filter threw " + thrown.type.getSimpleName()), trail.events().subList(0, 2));
            assertEquals("uncovered", client.answer(client.get("/uncovered")).text());
        }
    }

    @Test
    void keyOfAPathThatThrowsPreventsTheHandlerAlsoIfAFilterChangesTheThread() {
        try (TestServer server = TestServer.start(
                hangup -> hangup
                        .addPath(HangupPathConfig.builder().path("/bare").build())
                        .abandonment(it -> it.mode(AbandonmentMode.REFUSE).client(request -> {
                            throw new IllegalArgumentException("no key");
                        })),
                routing -> routing
                        .addFilter((chain, request, response) -> CompletableFuture.runAsync(chain::proceed).join())
                        .get("/bare", (request, response) -> {
                            trail.add("handler");
                            response.send();
                        }))) {
            get(server, "/bare");
            assertEquals(List.of(), trail.events());
        }
    }

    private TestServer startWithKeyOfPath(Thrown thrown) {
        return TestServer.start(
                config -> config.addProtocol(Http2Config.builder().maxConcurrentStreams(1).build()),
                hangup -> hangup
                        .addPath(HangupPathConfig.builder().path("/bare").build())
                        .abandonment(it -> it.mode(AbandonmentMode.REFUSE).client(request -> {
                            throw thrown.create.get();
                        })),
                routing -> routing
                        .addFilter((chain, request, response) -> {
                            trail.add("filter");
                            try {
                                chain.proceed();
                            } catch (RuntimeException e) {
                                trail.add("filter threw " + e.getClass().getSimpleName());
                                throw e;
                            }
                        })
                        .get("/bare", (request, response) -> {
                            trail.add("handler");
                            response.send();
                        })
                        .get("/uncovered", (request, response) -> response.send("uncovered"))
                        .error(IllegalArgumentException.class, (request, response, e) ->
                                response.status(Status.I_AM_A_TEAPOT_418).send()));
    }

    @Test
    @Tag("departure")
    void connectionGoesOnAfterARefusedUpload() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            abandon(server, ALLOWED + 1);
            client.send("POST /work/7 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
            assertEquals(429, client.read().status());
            assertEquals("quick", client.get("/quick").read().text());
        }
    }

    @Test
    @Tag("departure")
    void pathThatIsConfiguredIsARoute() {
        try (TestServer server = TestServer.start(hangup -> hangup
                .addPath(HangupPathConfig.builder().path("/plain/*").build())
                .abandonment(AbandonmentConfig.builder().mode(AbandonmentMode.REFUSE).abandoned(1).build()), this::routing)) {
            for (int i = 1; i <= 2; i++) {
                try (RawClient client = server.connect()) {
                    client.get("/plain/1");
                    trail.await("started", i);
                }
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
            assertEquals(429, get(server, "/plain/1"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("departure")
    void lastOfASearchIsServed(boolean leavesFirst) {
        try (TestServer server = start(refusing -> refusing.abandoned(3))) {
            RawClient client = search(server, 1);
            for (int i = 2; i <= 8; i++) {
                RawClient before = client;
                if (leavesFirst) {
                    leave(server, before);
                }
                client = search(server, i);
                if (!leavesFirst) {
                    leave(server, before);
                }
            }
            trail.add("found");
            assertEquals("found", client.read().text());
            client.close();
        }
    }

    @Test
    @Tag("departure")
    void lastOfASearchOverHttp2IsServed() {
        try (TestServer server = start(refusing -> refusing.abandoned(3));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/search?q=1");
            trail.await("started");
            for (int i = 2; i <= 8; i++) {
                byte[] reset = Http2Client.reset(id);
                id = client.newStream();
                client.send(reset, Http2Client.headers(id, "GET", "/search?q=" + i, true));
                trail.await("started", i);
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
            trail.add("found");
            assertEquals("found", client.answer(id).text());
        }
    }

    /** Nothing but the query tells a search from a retry. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("departure")
    void retriesOfOneTargetAreRefused(boolean leavesFirst) {
        try (TestServer server = start(refusing -> { })) {
            RawClient client = search(server, 1, "q=1");
            for (int i = 2; i <= ALLOWED + 1; i++) {
                RawClient before = client;
                if (leavesFirst) {
                    leave(server, before);
                }
                client = search(server, i, "q=1");
                if (!leavesFirst) {
                    leave(server, before);
                }
            }
            leave(server, client);
            assertEquals(429, get(server, "/search?q=1"));
        }
    }

    /** A page that asks for two things, gives both up, and asks for both again: neither replaces the other. */
    @Test
    @Tag("departure")
    void retriesOfSeveralTargetsAreRefused() {
        boolean shown = false;
        for (int attempt = 0; !shown && attempt < 5; attempt++) {
            shown = retriesWithinASecondAreRefused();
        }
        assertTrue(shown, "This client was held up each time");
    }

    /** Returns whether this shows anything: not if this client was held up, since what comes after a second is no retry. */
    private boolean retriesWithinASecondAreRefused() {
        try (TestServer server = start(refusing -> { })) {
            int before = Collections.frequency(trail.events(), "started");
            long from = System.nanoTime();
            for (int i = 0; i < 2; i++) {
                RawClient one = search(server, before + 2 * i + 1, "q=one");
                RawClient other = search(server, before + 2 * i + 2, "q=other");
                leave(server, one);
                leave(server, other);
            }
            int status = get(server, "/search?q=one", "X-Request-Timeout-Ms: 1\r\n");
            boolean inTime = System.nanoTime() - from < TimeUnit.SECONDS.toNanos(1);
            assertTrue(status == 429 || !inTime, "The retry had " + status);
            return inTime;
        }
    }

    /** Each request replaces one, however many are given up with it. */
    @Test
    @Tag("departure")
    void requestsThatAreAbandonedTogetherAreNoSearch() {
        try (TestServer server = start(refusing -> { })) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 1; i <= ALLOWED + 3; i++) {
                clients.add(search(server, i));
            }
            clients.forEach(it -> leave(server, it));
            assertEquals(429, get(server, "/search?q=" + (ALLOWED + 3)));
        }
    }

    @Test
    @Tag("departure")
    void answerThatHasBegunIsNotAbandoned() {
        try (TestServer server = start(refusing -> refusing.abandoned(1))) {
            for (int i = 0; i < 3; i++) {
                try (RawClient client = server.connect()) {
                    assertTrue(client.get("/begun").readHead().startsWith("HTTP/1.1 200 "));
                    trail.await("started", i + 1);
                }
                RequestEnd end = server.nextEnd();
                assertEquals(Outcome.DISCONNECTED, end.outcome());
                assertTrue(end.decision().responseBegun());
            }
        }
    }

    @Test
    @Tag("departure")
    void answerThatHasNotBegunIsSaidNotToHave() {
        try (TestServer server = start(refusing -> { }); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            client.leave();
            assertFalse(server.nextEnd().decision().responseBegun());
        }
    }

    @Test
    @Tag("departure")
    void eventSourceThatConnectsAgainAbandonsNothing() {
        try (TestServer server = start(refusing -> refusing.abandoned(1))) {
            for (int i = 0; i < 3; i++) {
                try (RawClient client = server.connect()) {
                    assertTrue(client.get("/events", "Last-Event-ID: " + i + "\r\n").readHead().startsWith("HTTP/1.1 200 "));
                    trail.await("started", i + 1);
                }
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
        }
    }

    @Test
    void unixDomainSocketWithoutAKeyIsNamedAtStart(@TempDir Path directory) {
        try (Logged logged = Logged.trouble("dev.hangup");
                TestServer server = onUnixDomain(directory, config -> { }, refusing -> { })) {
            assertEquals(1, said(logged, "socket @default").size(), logged.trail().events().toString());
        }
    }

    @Test
    void unixDomainSocketOfClientsThatAreToldApartIsNotNamed(@TempDir Path directory) {
        try (Logged logged = Logged.trouble("dev.hangup")) {
            onUnixDomain(directory, config -> config.enableProxyProtocol(true), refusing -> { }).close();
            onUnixDomain(directory, config -> { }, refusing -> refusing.client(request -> Optional.of("key"))).close();
            onUnixDomain(directory, config -> { }, refusing -> refusing.mode(AbandonmentMode.OFF)).close();
            assertEquals(List.of(), logged.trail().events());
        }
    }

    private TestServer onUnixDomain(Path directory, Consumer<WebServerConfig.Builder> server,
                                    Consumer<AbandonmentConfig.Builder> refusing) {
        return TestServer.start(config -> config.bindAddress(UnixDomainSocketAddress.of(directory.resolve("socket")))
                                        .update(server),
                                hangup -> hangup.abandonment(it -> it.mode(AbandonmentMode.REFUSE).update(refusing)),
                                this::routing);
    }

    private RawClient search(TestServer server, int nth) {
        return search(server, nth, "q=" + nth);
    }

    private RawClient search(TestServer server, int nth, String query) {
        RawClient client = server.connect().get("/search?" + query);
        trail.await("started", nth);
        return client;
    }

    private static void leave(TestServer server, RawClient client) {
        client.leave();
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        client.close();
    }

    private TestServer start(Consumer<AbandonmentConfig.Builder> refusing) {
        return TestServer.start(hangup -> hangup.abandonment(AbandonmentConfig.builder()
                                                                 .mode(AbandonmentMode.REFUSE)
                                                                 .abandoned(ALLOWED)
                                                                 .window(Duration.ofHours(1))
                                                                 .update(refusing)
                                                                 .build()), this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/work/{id}", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .register("/wild/*", rules -> rules.any(Hangup.cancellable((request, response) ->
                        trail.workUntilInterrupted())))
                .register("/tenant/{name}", rules -> rules.get("/work", Hangup.cancellable((request, response) ->
                        trail.workUntilInterrupted())))
                .get("/unresponsive", Hangup.cancellable((request, response) -> trail.ignoreInterruptsUntil("refused")))
                .get("/passed/*", Hangup.cancellable((request, response) -> response.next()))
                .get("/passed/on", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/passed/quick", Hangup.cancellable(request -> "quick"))
                .get("/search", Hangup.cancellable(request -> {
                    trail.add("started");
                    trail.awaitInterruptibly("found");
                    return "found";
                }))
                .get("/begun", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write('a');
                    stream.flush();
                    trail.workUntilInterrupted();
                }))
                .get("/events", Hangup.cancellable(EventStream.of((request, events) -> {
                    events.comment("");
                    trail.workUntilInterrupted();
                })))
                .get("/plain/*", (request, response) -> trail.workUntilInterrupted())
                .get("/late", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .get("/broken", Hangup.cancellable(request -> {
                    throw new IllegalStateException("broken");
                }))
                .get("/quick", Hangup.cancellable(request -> "quick"))
                .error(IllegalArgumentException.class, (request, response, e) ->
                        response.status(Status.I_AM_A_TEAPOT_418).send());
    }

    private void abandon(TestServer server, int times, String... headers) {
        for (int i = 0; i < times; i++) {
            abandonAt(server, "/work/7", headers);
        }
    }

    private void abandonAt(TestServer server, String path, String... headers) {
        int before = Collections.frequency(trail.events(), "started");
        try (RawClient client = server.connect()) {
            client.get(path, headers);
            trail.await("started", before + 1);
        }
        server.nextEnd(it -> it.outcome() == Outcome.DISCONNECTED);
    }

    private static int get(TestServer server, String path, String... headers) {
        try (RawClient client = server.connect()) {
            return client.get(path, headers).read().status();
        }
    }

    private static String quick(TestServer server, String path) {
        try (RawClient client = server.connect()) {
            return client.get(path).read().text();
        }
    }

    private static List<String> said(Logged logged, String words) {
        return logged.trail().events().stream().filter(it -> it.contains(words)).toList();
    }

    /** What the key of a client throws. */
    private enum Thrown {
        FOR_AN_ERROR_HANDLER(418, IllegalArgumentException.class, () -> new IllegalArgumentException("no key")),
        WITH_A_STATUS(401, UnauthorizedException.class, () -> new UnauthorizedException("no user")),
        MALFORMED(400, BadRequestException.class, () -> new BadRequestException("no token")),
        UNKNOWN(500, NullPointerException.class, () -> new NullPointerException("no user"));

        private final int status;
        private final Class<?> type;
        private final Supplier<RuntimeException> create;

        Thrown(int status, Class<?> type, Supplier<RuntimeException> create) {
            this.status = status;
            this.type = type;
            this.create = create;
        }
    }
}
