package dev.hangup.parity;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.helidon.http.HttpException;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.same;

/** {@code beforeSend}, {@code whenSent} and {@code streamFilter}, registered by filters outside and by the handler inside. */
class ListenerParityTest {
    private static final Handler SENDS = (req, res) -> res.send("entity");
    private static final Handler STREAMS = (req, res) -> {
        try (OutputStream stream = res.outputStream()) {
            stream.write(Scene.bytes("one"));
            stream.flush();
            stream.write('2');
        }
    };
    private static final Handler THROWS = (req, res) -> {
        throw new NotFoundException("Nothing");
    };
    private static final Handler STREAMS_HALF = (req, res) -> {
        res.outputStream().write(Scene.bytes("half"));
        throw new NotFoundException("Nothing");
    };

    @TestFactory
    Stream<DynamicTest> orderOfFilterAndHandler() {
        return Stream.of(
                bothListen("send", SENDS),
                bothListen("stream", STREAMS),
                bothListen("exception", THROWS),
                bothListen("stream that throws", STREAMS_HALF),
                bothListen("nothing", (req, res) -> { }),
                bothListen("forced close", (req, res) -> {
                    throw new CloseConnectionException("Forced");
                }));
    }

    @TestFactory
    Stream<DynamicTest> changes() {
        return Stream.of(
                registered("beforeSend changes status and headers", res -> res.beforeSend(
                        () -> res.status(Status.ACCEPTED_202).header(Scene.X, "late"))),
                registered("beforeSend registers another", res -> res.beforeSend(
                        () -> res.whenSent(() -> res.headers().set(Scene.X, "too late")))),
                registered("beforeSend throws", res -> res.beforeSend(() -> {
                    throw new IllegalStateException("beforeSend");
                })),
                registered("beforeSend throws HttpException", res -> res.beforeSend(() -> {
                    throw new HttpException("beforeSend", Status.CONFLICT_409, true);
                })),
                registered("whenSent throws", res -> res.whenSent(() -> {
                    throw new IllegalStateException("whenSent");
                })),
                registered("whenSent sends", res -> res.whenSent(() -> res.send("again"))),
                registered("streamFilter", res -> res.streamFilter(Shouting::new)),
                registered("streamFilter throws", res -> res.streamFilter(stream -> {
                    throw new IllegalStateException("streamFilter");
                })),
                registered("streamFilter that does not close", res -> res.streamFilter(stream -> new Shouting(stream) {
                    @Override
                    public void close() {
                    }
                }))).flatMap(it -> it);
    }

    private static DynamicTest bothListen(String name, Handler handler) {
        return same(name, scene -> scene
                .filter((chain, req, res) -> {
                    scene.beforeSend(res, "filter");
                    scene.whenSent(res, "filter");
                    res.streamFilter(scene.marking('o'));
                    chain.proceed();
                    scene.note("proceeded " + res.status().code() + " " + res.isSent());
                    scene.whenSent(res, "too late");
                })
                .get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    scene.whenSent(res, "handler");
                    res.streamFilter(scene.marking('i'));
                    handler.handle(req, res);
                }));
    }

    /** By the handler, or by a filter around it. */
    private static Stream<DynamicTest> registered(String name, Consumer<ServerResponse> registration) {
        return Stream.concat(registered(name + ", sending", SENDS, registration),
                             Stream.concat(registered(name + ", streaming", STREAMS, registration),
                                           registered(name + ", throwing", THROWS, registration)));
    }

    private static Stream<DynamicTest> registered(String name, Handler handler, Consumer<ServerResponse> registration) {
        return Stream.of(
                same(name + ", by the handler", scene -> scene.get((req, res) -> {
                    registration.accept(res);
                    handler.handle(req, res);
                })),
                same(name + ", by a filter", scene -> scene
                        .filter((chain, req, res) -> {
                            registration.accept(res);
                            chain.proceed();
                        })
                        .get(handler)));
    }

    private static class Shouting extends FilterOutputStream {
        Shouting(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(int b) throws IOException {
            super.write(Character.toUpperCase(b));
        }
    }
}
