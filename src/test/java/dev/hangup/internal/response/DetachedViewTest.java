package dev.hangup.internal.response;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.BadRequestException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** After the decision, what the loser says of its answer reaches nobody. */
class DetachedViewTest {
    private final Trail trail = new Trail();

    /** What makes the handler part of a race. */
    enum Way {
        HANDLER {
            @Override
            TestServer start(Handler handler, Consumer<HttpRouting.Builder> routing) {
                return TestServer.start(it -> routing.accept(it.get("/", Hangup.cancellable(handler))));
            }
        },
        PATHS {
            @Override
            TestServer start(Handler handler, Consumer<HttpRouting.Builder> routing) {
                return TestServer.start(hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()),
                                        it -> routing.accept(it.get("/", handler)));
            }
        };

        abstract TestServer start(Handler handler, Consumer<HttpRouting.Builder> routing);
    }

    @ParameterizedTest
    @EnumSource
    void takesWhateverIsSaid(Way way) {
        losing(way, response -> {
            response.status(Status.OK_200).header("X-Loser", "header");
            response.headers().set(HeaderNames.create("X-Loser"), "headers").addCookie("loser", "1");
            response.beforeSend(() -> trail.add("beforeSend of the loser"));
            response.whenSent(() -> trail.add("whenSent of the loser"));
            response.streamFilter(stream -> {
                trail.add("streamFilter of the loser");
                return stream;
            });
            response.beforeTrailers(trailers -> trail.add("beforeTrailers of the loser"));
            response.streamResult("loser");
            response.next();
            response.reroute("/other");
        });
    }

    @ParameterizedTest
    @EnumSource
    void forgetsWhatWasSaidBefore(Way way) {
        Handler handler = (request, response) -> {
            response.status(Status.CREATED_201).header("X-Loser", "before");
            response.beforeSend(() -> trail.add("beforeSend of the loser"));
            response.whenSent(() -> trail.add("whenSent of the loser"));
            response.outputStream().write(1);
            workUntilTheDeadline(request, response);
        };
        loses(way, handler);
    }

    @ParameterizedTest
    @EnumSource
    void itsStreamThrows(Way way) {
        losing(way, response -> {
            try (OutputStream stream = response.outputStream()) {
                stream.write(1);
                trail.add("the loser has written");
            } catch (IOException e) {
                trail.add("IOException");
            }
        });
        assertEquals(List.of("IOException"), trail.events().stream().filter("IOException"::equals).toList());
    }

    @ParameterizedTest
    @EnumSource
    void sendingThrows(Way way) {
        losing(way, response -> {
            response.status(Status.OK_200).header("X-Loser", "header");
            try {
                response.send("loser");
            } catch (CloseConnectionException e) {
                trail.add(e.getCause().getMessage());
                throw e;
            }
        });
        assertEquals(1, trail.events().stream().filter("The request is over: 503 Service Unavailable"::equals).count());
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatWasThereBeforeThrows(Way way) {
        Handler handler = (request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(1);
            try {
                workUntilTheDeadline(request, response);
            } catch (InterruptedException e) {
                try {
                    stream.write(2);
                    trail.add("the loser has written");
                } catch (IOException refused) {
                    trail.add("IOException");
                    throw refused;
                }
            }
        };
        loses(way, handler);
        assertEquals(1, trail.events().stream().filter("IOException"::equals).count());
    }

    @ParameterizedTest
    @EnumSource
    void itsExceptionGoesToNoErrorHandler(Way way) {
        loses(way, this::workUntilTheDeadline);
    }

    @ParameterizedTest
    @EnumSource
    void norDoesOneThatHelidonHandlesByItself(Way way) {
        losing(way, response -> {
            throw new BadRequestException("of the loser");
        });
    }

    @Test
    void filtersOfCoveredPathsSeeHowItEnded() {
        try (TestServer server = Way.PATHS.start(this::workUntilTheDeadline, this::filters);
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("filter saw 503 true");
        }
    }

    @Test
    @Tag("departure")
    void filtersOfCoveredPathsSeeThatTheClientHasLeft() {
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()),
                routing -> filters(routing.get("/", (request, response) -> trail.workUntilInterrupted())));
                RawClient client = server.connect()) {
            client.get("/");
            trail.await("started");
            client.leave();
            trail.await("filter saw 499 true");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private void losing(Way way, Consumer<ServerResponse> losing) {
        loses(way, (request, response) -> {
            try {
                workUntilTheDeadline(request, response);
            } catch (InterruptedException e) {
                losing.accept(response);
            }
        });
    }

    private void workUntilTheDeadline(ServerRequest request, ServerResponse response) throws Exception {
        Time.isUp(request, response);
        trail.workUntilInterrupted();
    }

    private void loses(Way way, Handler handler) {
        try (Logged trouble = Logged.trouble("io.helidon");
                TestServer server = way.start(handler, this::filters);
                RawClient client = server.connect()) {
            client.get("/");
            String head = client.readHead();
            assertEquals("HTTP/1.1 503 Service Unavailable", head.lines().findFirst().orElseThrow());
            assertEquals(List.of(), head.lines().filter(it -> it.toLowerCase().contains("loser")).toList());
            assertEquals("{", new String(client.readToEnd()).substring(0, 1));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            trail.await("filter saw 503 true");
            assertEquals(List.of("started", "interrupted"), trail.events().subList(0, 2));
            assertEquals(List.of(), trail.events().stream().filter(it -> it.contains("loser")).toList());
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private void filters(HttpRouting.Builder routing) {
        routing
                .addFilter((chain, request, response) -> {
                    chain.proceed();
                    trail.add("filter saw " + response.status().code() + " " + response.isSent());
                })
                .error(Throwable.class, (request, response, e) -> trail.add("error handler called for the loser"));
    }
}
