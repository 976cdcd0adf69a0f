package dev.hangup.parity;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import io.helidon.http.BadRequestException;
import io.helidon.http.HttpException;
import io.helidon.http.InternalServerException;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ErrorHandler;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.ErrorParityTest.throwing;
import static dev.hangup.parity.Parity.same;

/** Error handlers of the user's. */
class ErrorHandlerParityTest {
    private static final ErrorHandler<Throwable> ANSWERING =
            (req, res, e) -> res.status(Status.I_AM_A_TEAPOT_418).header(Scene.Y, "handled").send("handled " + e.getMessage());

    @TestFactory
    Stream<DynamicTest> answers() {
        return Stream.of(
                handled("the exception", IllegalStateException.class, ANSWERING, new IllegalStateException("e")),
                handled("a supertype", Exception.class, ANSWERING, new IllegalStateException("e")),
                handled("everything", Throwable.class, ANSWERING, new AssertionError("e")),
                handled("checked", TimeoutException.class, ANSWERING, new TimeoutException("e")),
                handled("HttpException", HttpException.class, ANSWERING, new NotFoundException("e")),
                handled("BadRequestException", BadRequestException.class, ANSWERING, new BadRequestException("e")),
                handled("the cause of InternalServerException", IOException.class, ANSWERING,
                        new InternalServerException("e", new IOException("cause"))),
                handled("another exception", IOException.class, ANSWERING, new IllegalStateException("e")),
                handled("not found, by nobody", NotFoundException.class, ANSWERING, (req, res) -> res.next()),
                handled("through a stream", Throwable.class, (req, res, e) -> {
                    try (var stream = res.outputStream()) {
                        stream.write(Scene.bytes(5000));
                    } catch (IOException again) {
                        throw new IllegalStateException(again);
                    }
                }, new IllegalStateException("e")));
    }

    @TestFactory
    Stream<DynamicTest> afterWhatTheHandlerDid() {
        Handler inBuffer = (req, res) -> {
            res.status(Status.ACCEPTED_202).header(Scene.X, "handler");
            res.outputStream().write(Scene.bytes("buffered"));
            throw new IllegalStateException("e");
        };
        Handler flushed = (req, res) -> {
            var stream = res.outputStream();
            stream.write(Scene.bytes("flushed"));
            stream.flush();
            throw new IllegalStateException("e");
        };
        Handler headers = (req, res) -> {
            res.status(Status.ACCEPTED_202).header(Scene.X, "handler");
            throw new IllegalStateException("e");
        };
        return Stream.of(
                handled("a stream in the buffer", Throwable.class, ANSWERING, inBuffer),
                handled("a stream that is out", Throwable.class, ANSWERING, flushed),
                handled("headers", Throwable.class, ANSWERING, headers),
                handled("headers that the error handler sees", Throwable.class, (req, res, e) -> res
                        .send(res.status().code() + res.headers().get(Scene.X).get()), headers),
                handled("an answer", Throwable.class, ANSWERING, (req, res) -> {
                    res.send("sent");
                    throw new IllegalStateException("e");
                }));
    }

    /**
     * What an error handler throws and Helidon does not take, it gives to the error handlers once more where there are
     * filters, and answers with 500 and a close where there are none. Hangup adds a filter where paths are covered, so
     * those servers are all of the first kind.
     */
    @TestFactory
    Stream<DynamicTest> failing() {
        Handler failing = throwing(new IllegalStateException("e"));
        return Stream.of(
                handled("sends nothing", IllegalStateException.class, (req, res, e) -> { }, failing),
                handled("sends nothing for HttpException", HttpException.class, (req, res, e) -> res.header(Scene.Y, "y"),
                        throwing(new NotFoundException("e"))),
                handled("nexts", IllegalStateException.class, (req, res, e) -> res.next(), failing),
                handled("throws RuntimeException", IllegalStateException.class, (req, res, e) -> {
                    throw new IllegalArgumentException("again");
                }, failing),
                handled("throws the same", IllegalStateException.class, (req, res, e) -> {
                    throw e;
                }, failing),
                handled("throws the same HttpException", NotFoundException.class, (req, res, e) -> {
                    throw e;
                }, throwing(new NotFoundException("e"))),
                handled("has written and then throws", IllegalStateException.class, (req, res, e) -> {
                    res.send("half");
                    throw new IllegalArgumentException("again");
                }, failing),
                filtered("throws another HttpException, where there are filters", IllegalStateException.class,
                         (req, res, e) -> {
                    throw new NotFoundException("again");
                }, failing),
                filtered("throws an Error, where there are filters", IllegalStateException.class, (req, res, e) -> {
                    throw new AssertionError("again");
                }, failing));
    }

    private static <T extends Throwable> DynamicTest handled(String name, Class<T> type, ErrorHandler<? super T> handler,
                                                             Throwable thrown) {
        return handled(name, type, handler, throwing(thrown));
    }

    private static <T extends Throwable> DynamicTest handled(String name, Class<T> type, ErrorHandler<? super T> handler,
                                                             Handler route) {
        return same(name, scene -> scene.get(route).routing().error(type, handler));
    }

    private static <T extends Throwable> DynamicTest filtered(String name, Class<T> type, ErrorHandler<? super T> handler,
                                                              Handler route) {
        return same(name, scene -> scene.get(route)
                .filter((chain, req, res) -> {
                    chain.proceed();
                    scene.note(res.status().code() + " " + res.isSent());
                })
                .routing().error(type, handler));
    }
}
