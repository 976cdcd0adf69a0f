package dev.hangup;

import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;
import dev.hangup.testing.Trail;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.accesslog.AccessLogFeature;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * However a client leaves, a filter around its request sees the same: status 499 and no exception if it left before the response
 * had begun, one exception amid the response. The access log has its line, and nothing is logged as a problem.
 */
class DepartureInFiltersTest {
    private static final String EARLY = "filter: status 499";
    private static final String AMID = "filter: CloseConnectionException, status 200";

    private final Trail trail = new Trail();

    /** The ways of leaving. */
    enum Way {
        HTTP_1_CLOSE(false), HTTP_1_RESET(false), HTTP_1_TLS_CLOSE(false), HTTP_1_TLS_RESET(false),
        HTTP_2_STREAM_RESET(true), HTTP_2_CLOSE(true), HTTP_2_RESET(true), HTTP_2_TLS_CLOSE(true), HTTP_2_TLS_RESET(true);

        private final boolean http2;

        Way(boolean http2) {
            this.http2 = http2;
        }

        private void configure(WebServerConfig.Builder server) {
            switch (this) {
            case HTTP_1_TLS_CLOSE, HTTP_1_TLS_RESET -> Transport.TLS_1_3.configure(server);
            case HTTP_2_TLS_CLOSE, HTTP_2_TLS_RESET -> Http2Opening.ALPN.configure(server);
            default -> { }
            }
        }

        private Client connect(TestServer server) {
            RawClient http1 = switch (this) {
                case HTTP_1_CLOSE, HTTP_1_RESET -> RawClient.connect(server.port());
                case HTTP_1_TLS_CLOSE, HTTP_1_TLS_RESET -> Transport.TLS_1_3.connect(server.port());
                default -> null;
            };
            if (http1 != null) {
                return new Client(this, http1, null);
            }
            return switch (this) {
                case HTTP_2_TLS_CLOSE, HTTP_2_TLS_RESET -> new Client(this, null, Http2Opening.ALPN.connect(server.port()));
                default -> new Client(this, null, Http2Opening.PRIOR_KNOWLEDGE.connect(server.port()));
            };
        }
    }

    /** What makes the handler cancellable. */
    enum Mount {
        HANDLER, PATHS
    }

    static Stream<Arguments> ways() {
        return Arrays.stream(Way.values()).flatMap(way -> Arrays.stream(Mount.values()).map(mount -> Arguments.of(way, mount)));
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("ways")
    void beforeTheResponse(Way way, Mount mount) {
        leaves(way, mount, EARLY, (request, response) -> trail.workUntilInterrupted());
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("ways")
    void beforeAResponseThatIsBuffered(Way way, Mount mount) {
        leaves(way, mount, EARLY, (request, response) -> {
            response.outputStream().write(1);
            trail.workUntilInterrupted();
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("ways")
    void beforeTheResponseOfWorkThatReturns(Way way, Mount mount) {
        leaves(way, mount, EARLY, (request, response) -> {
            try {
                trail.workUntilInterrupted();
            } catch (InterruptedException e) {
                response.send("too late");
            }
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("ways")
    void amidTheResponse(Way way, Mount mount) {
        leaves(way, mount, AMID, (request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[100]);
            stream.flush();
            stream.write(new byte[100]);
            stream.flush();
            trail.workUntilInterrupted();
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("ways")
    void amidTheResponseOfWorkThatReturns(Way way, Mount mount) {
        leaves(way, mount, AMID, (request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[100]);
            stream.flush();
            stream.write(new byte[100]);
            stream.flush();
            try {
                trail.workUntilInterrupted();
            } catch (InterruptedException e) {
                // its end looks ordinary
            }
        });
    }

    @ParameterizedTest
    @MethodSource("ways")
    void amidTheResponseOfWorkThatWrites(Way way, Mount mount) {
        leaves(way, mount, AMID, (request, response) -> {
            OutputStream stream = response.outputStream();
            for (int i = 0;; i++) {
                stream.write(new byte[10_000]);
                stream.flush();
                if (i == 1) {
                    trail.add("started");
                }
            }
        });
    }

    private void leaves(Way way, Mount mount, String seen, Handler handler) {
        try (Logged trouble = Logged.trouble("");
                Logged access = Logged.by("io.helidon.webserver.AccessLog");
                TestServer server = start(way, mount, handler);
                Client client = way.connect(server)) {
            client.get();
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            trail.await("outer " + seen);
            Await.until("there is a line in the access log", () -> !access.trail().events().isEmpty());
            if (way.http2) {
                // Helidon 4.5.0 may log a warning when the server stops with an HTTP/2 connection open
                client.close();
                Await.until("the connection is over", () -> Usage.connectionThreads() == 0);
            } else {
                server.close();
            }
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(List.of("inner " + seen, "outer " + seen),
                         trail.events().stream().filter(it -> it.contains("filter: ")).toList());
            assertEquals(1, access.trail().events().size(), access.trail().events().toString());
            String status = seen.equals(EARLY) ? "499" : "200";
            assertEquals(status, access.trail().events().getFirst().replaceAll(".*\" (\\d+) .*", "$1"));
            // a filter outside of the race is notified of the response, once; one that was aborted is not sent
            assertEquals(seen.equals(EARLY) && mount == Mount.HANDLER ? List.of("sent 499") : List.of(),
                         trail.events().stream().filter(it -> it.startsWith("sent ")).toList());
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private TestServer start(Way way, Mount mount, Handler handler) {
        return TestServer.start(
                server -> {
                    server.addFeature(AccessLogFeature.builder().commonLogFormat().build());
                    way.configure(server);
                },
                hangup -> {
                    if (mount == Mount.PATHS) {
                        hangup.addPath(HangupPathConfig.builder().path("/*").deadline(Duration.ofMinutes(1)).build());
                    }
                },
                routing -> {
                    filter("outer ", routing);
                    filter("inner ", routing);
                    routing.get("/", mount == Mount.PATHS ? handler : Hangup.cancellable(Duration.ofMinutes(1), handler));
                });
    }

    private void filter(String name, HttpRouting.Builder routing) {
        routing.addFilter((chain, request, response) -> {
            if (name.equals("outer ")) {
                response.whenSent(() -> trail.add("sent " + response.status().code()));
            }
            try {
                chain.proceed();
                trail.add(name + "filter: status " + response.status().code());
            } catch (RuntimeException | Error e) {
                trail.add(name + "filter: " + (e instanceof CloseConnectionException ? "CloseConnectionException" : e) + ", status "
                                  + response.status().code());
                throw e;
            }
        });
    }

    /** A client of one request. */
    private record Client(Way way, RawClient http1, Http2Client http2) implements AutoCloseable {
        private void get() {
            if (way.http2) {
                http2.get("/");
            } else {
                http1.get("/");
            }
        }

        private void leave() {
            switch (way) {
            case HTTP_1_CLOSE, HTTP_1_TLS_CLOSE -> http1.leave();
            case HTTP_1_RESET, HTTP_1_TLS_RESET -> http1.reset();
            case HTTP_2_STREAM_RESET -> http2.send(Http2Client.reset(1));
            case HTTP_2_CLOSE, HTTP_2_TLS_CLOSE -> http2.close();
            case HTTP_2_RESET, HTTP_2_TLS_RESET -> http2.socket().reset();
            }
        }

        @Override
        public void close() {
            if (way.http2) {
                http2.close();
            } else {
                http1.close();
            }
        }
    }
}
