package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Exchange;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Undeclared;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What handlers and listeners of a response throw may be broken in any way; the request ends all the same, and is reported. */
class BrokenExceptionTest {
    private Quiet quiet;

    @BeforeEach
    void expectFailures() {
        quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
    }

    @AfterEach
    void restoreLog() {
        quiet.close();
    }

    /** Over HTTP/2 its causes were once examined for ever, and the request kept its permit and its carrier. */
    @ParameterizedTest
    @EnumSource
    void exceptionThatIsItsOwnCause(Exchange.Protocol protocol) {
        Exception endless = new RuntimeException();
        endless.initCause(new RuntimeException(endless));
        fails(protocol, endless);
    }

    @ParameterizedTest
    @EnumSource
    void exceptionWhoseCauseCannotBeAskedFor(Exchange.Protocol protocol) {
        fails(protocol, new IllegalStateException("broken") {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable getCause() {
                throw new UnsupportedOperationException("no cause");
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void errorOfAListenerWhenTheWorkHasFailed(Exchange.Protocol protocol) {
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    response.beforeSend(() -> {
                        throw new AssertionError("broken");
                    });
                    chain.proceed();
                })
                .get("/", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(1);
                    throw new IllegalStateException("failed");
                })));
                Exchange exchange = protocol.send(server, "/")) {
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    @ParameterizedTest
    @EnumSource
    void checkedExceptionOfAListenerWhenTheDeadlineHasPassed(Exchange.Protocol protocol) {
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    response.beforeSend(() -> Undeclared.raise(new IOException("broken")));
                    chain.proceed();
                })
                .get("/", Hangup.cancellable(Duration.ofMillis(50), request -> {
                    Thread.sleep(Await.TIME);
                    return "never";
                })));
                Exchange exchange = protocol.send(server, "/")) {
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    private static void fails(Exchange.Protocol protocol, Exception thrown) {
        try (TestServer server = TestServer.start((HttpRouting.Builder routing) -> routing
                .get("/", Hangup.cancellable(request -> {
                    throw thrown;
                })));
                Exchange exchange = protocol.send(server, "/")) {
            assertEquals(500, exchange.status());
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }
}
