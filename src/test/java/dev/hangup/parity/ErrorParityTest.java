package dev.hangup.parity;

import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.ForbiddenException;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.InternalServerException;
import io.helidon.http.NotFoundException;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.same;

/** Exceptions that no error handler of the user's is there for. */
class ErrorParityTest {
    @TestFactory
    Stream<DynamicTest> thrown() {
        return Stream.of(
                thrown("HttpException", new HttpException("Not here", Status.CONFLICT_409)),
                thrown("HttpException with a cause", new HttpException("Gone", Status.GONE_410, new IOException("cause"))),
                thrown("HttpException that keeps the connection", new HttpException("Teapot", Status.I_AM_A_TEAPOT_418, true)),
                thrown("HttpException that does not", new HttpException("Teapot", Status.I_AM_A_TEAPOT_418, false)),
                thrown("HttpException with headers", new HttpException("Busy", Status.SERVICE_UNAVAILABLE_503, true)
                        .header(HeaderValues.create(Scene.X, "thrown"))),
                thrown("HttpException without an entity", new HttpException("Nothing", Status.NO_CONTENT_204, true)),
                thrown("HttpException with 304", new HttpException("Nothing", Status.NOT_MODIFIED_304, true)),
                thrown("NotFoundException", new NotFoundException("No such thing <b>")),
                thrown("ForbiddenException", new ForbiddenException("Not you")),
                thrown("BadRequestException", new BadRequestException("Bad")),
                thrown("RequestException", RequestException.builder()
                        .type(DirectHandler.EventType.PAYLOAD_TOO_LARGE).message("Too large").build()),
                thrown("RequestException that does not keep the connection", RequestException.builder()
                        .type(DirectHandler.EventType.OTHER).status(Status.CONFLICT_409).setKeepAlive(false)
                        .message("Conflict").safeMessage(false).build()),
                thrown("InternalServerException", new InternalServerException("Internal", new IOException("cause"))),
                thrown("InternalServerException without a cause", new InternalServerException("Internal", null)),
                thrown("RuntimeException", new IllegalStateException("Runtime")),
                thrown("RuntimeException without a message", new IllegalStateException()),
                thrown("checked exception", new TimeoutException("Checked")),
                thrown("checked exception with a SocketException", new IOException("Checked", new SocketException("cause"))),
                thrown("InterruptedException", new InterruptedException("By itself")),
                thrown("Error", new AssertionError("Error")),
                thrown("StackOverflowError", new StackOverflowError()),
                thrown("CloseConnectionException", new CloseConnectionException("Forced")),
                thrown("ServerConnectionException", new ServerConnectionException("Forced", new IOException("cause"))));
    }

    @TestFactory
    Stream<DynamicTest> thrownLater() {
        return Stream.of(
                same("headers and a status set before", scene -> scene.get((req, res) -> {
                    res.status(Status.ACCEPTED_202).header(Scene.X, "set");
                    throw new HttpException("Conflict", Status.CONFLICT_409, true);
                })),
                same("listeners and a filter registered before", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    scene.whenSent(res, "handler");
                    res.streamFilter(scene.marking('f'));
                    throw new NotFoundException("Nothing");
                })),
                same("a content length set before", scene -> scene.get((req, res) -> {
                    res.contentLength(3);
                    throw new NotFoundException("Nothing");
                })),
                same("204 set before", scene -> scene.get((req, res) -> {
                    res.status(Status.NO_CONTENT_204);
                    throw new NotFoundException("Nothing");
                })),
                same("204 set before RuntimeException", scene -> scene.get((req, res) -> {
                    res.status(Status.NO_CONTENT_204);
                    throw new IllegalStateException("Nothing");
                })),
                same("after send()", scene -> scene.get((req, res) -> {
                    res.send("sent");
                    throw new IllegalStateException("Late");
                })),
                same("HttpException after send()", scene -> scene.get((req, res) -> {
                    res.send("sent");
                    throw new HttpException("Late", Status.CONFLICT_409, true);
                })),
                same("forced close after send()", scene -> scene.get((req, res) -> {
                    res.send("sent");
                    throw new CloseConnectionException("Forced");
                })),
                same("forced close with a stream in the buffer", scene -> scene.get((req, res) -> {
                    res.outputStream().write(Scene.bytes("buffered"));
                    throw new CloseConnectionException("Forced");
                })),
                same("forced close after a flush", scene -> scene.get((req, res) -> {
                    var stream = res.outputStream();
                    stream.write(Scene.bytes("flushed"));
                    stream.flush();
                    throw new CloseConnectionException("Forced");
                })),
                same("in a filter outside", scene -> {
                    scene.filter((chain, req, res) -> {
                        throw new NotFoundException("Filtered");
                    });
                    scene.get((req, res) -> res.send("never"));
                }),
                same("in a filter, after proceed()", scene -> {
                    scene.filter((chain, req, res) -> {
                        chain.proceed();
                        throw new NotFoundException("Filtered");
                    });
                    scene.get((req, res) -> res.send("answer"));
                }),
                same("through a filter that looks", scene -> {
                    scene.filter((chain, req, res) -> {
                        chain.proceed();
                        scene.note(res.status().code() + " " + res.isSent());
                    });
                    scene.get((req, res) -> {
                        throw new IllegalStateException("Runtime");
                    });
                }));
    }

    private static DynamicTest thrown(String name, Throwable thrown) {
        return same(name, scene -> scene.get(throwing(thrown)));
    }

    static Handler throwing(Throwable thrown) {
        return (req, res) -> {
            switch (thrown) {
            case Exception e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalArgumentException(thrown);
            }
        };
    }
}
