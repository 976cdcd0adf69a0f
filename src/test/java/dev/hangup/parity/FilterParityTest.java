package dev.hangup.parity;

import java.util.stream.Stream;

import io.helidon.common.Weighted;
import io.helidon.http.HttpPrologue;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.same;

class FilterParityTest {
    private static final Handler SENDS = (req, res) -> res.send("entity");

    @TestFactory
    Stream<DynamicTest> ofAllWeights() {
        return Stream.of(
                same("send", scene -> weighted(scene).get(SENDS)),
                same("stream", scene -> weighted(scene).get((req, res) -> {
                    try (var stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("exception", scene -> weighted(scene).get((req, res) -> {
                    throw new NotFoundException("Nothing");
                })),
                same("RuntimeException", scene -> weighted(scene).get((req, res) -> {
                    throw new IllegalStateException("Nothing");
                })),
                same("nothing", scene -> weighted(scene).get((req, res) -> { })),
                same("not found", scene -> weighted(scene)));
    }

    @TestFactory
    Stream<DynamicTest> thatMeddle() {
        return Stream.of(
                same("sends without proceeding", scene -> scene
                        .filter((chain, req, res) -> res.status(Status.FORBIDDEN_403).send("filtered"))
                        .get(SENDS)),
                same("streams without proceeding", scene -> scene
                        .filter((chain, req, res) -> res.outputStream())
                        .get(SENDS)),
                same("does nothing", scene -> scene
                        .filter((chain, req, res) -> { })
                        .get(SENDS)),
                same("proceeds twice", scene -> scene
                        .filter((chain, req, res) -> {
                            chain.proceed();
                            chain.proceed();
                        })
                        .get(SENDS)),
                same("sends after proceeding", scene -> scene
                        .filter((chain, req, res) -> {
                            chain.proceed();
                            res.send("again");
                        })
                        .get(SENDS)),
                same("sets headers and status before", scene -> scene
                        .filter((chain, req, res) -> {
                            res.status(Status.ACCEPTED_202).header(Scene.X, "filter");
                            chain.proceed();
                        })
                        .get((req, res) -> res.send(res.status().code() + res.headers().get(Scene.X).get()))),
                same("logs what happened", scene -> scene
                        .filter((chain, req, res) -> {
                            try {
                                chain.proceed();
                            } finally {
                                scene.note(req.prologue().method() + " " + req.path().path() + " " + res.status() + " "
                                                   + res.bytesWritten() / 100 + " " + res.isSent() + " "
                                                   + req.matchingPattern().orElse("-") + " " + res.headers().size());
                            }
                        })
                        .get((req, res) -> res.status(Status.CREATED_201).send("x".repeat(300)))),
                same("logs when sent", scene -> scene
                        .filter((chain, req, res) -> {
                            res.whenSent(() -> scene.note(res.status() + " " + res.bytesWritten() / 100 + " "
                                                                  + res.headers().contentLength()));
                            chain.proceed();
                        })
                        .get((req, res) -> res.status(Status.CREATED_201).outputStream().write(Scene.bytes(300)))),
                same("changes the path", scene -> scene
                        .filter((chain, req, res) -> {
                            req.prologue(HttpPrologue.create("HTTP/1.1", "HTTP", "1.1",
                                                                             req.prologue().method(), "/other", false));
                            chain.proceed();
                        })
                        .get(SENDS)
                        .get("/other", (req, res) -> res.send("other"))),
                same("filters what is read", Parity.post("entity"), scene -> scene
                        .filter((chain, req, res) -> {
                            req.streamFilter(stream -> {
                                scene.note("filtered");
                                return stream;
                            });
                            chain.proceed();
                        })
                        .post((req, res) -> res.send(req.content().as(String.class)))));
    }

    private static Scene weighted(Scene scene) {
        scene.routing()
                .addFeature(new Feature(scene, 1000))
                .addFeature(new Feature(scene, 100))
                .addFeature(new Feature(scene, 75))
                .addFeature(new Feature(scene, 10))
                .addFeature(new Feature(scene, 1));
        return scene.filter(noting(scene, "main"));
    }

    private static Filter noting(Scene scene, String name) {
        return (chain, req, res) -> {
            scene.note(name + " " + res.status().code());
            res.headers().add(Scene.X, name);
            try {
                chain.proceed();
                scene.note(name + " proceeded " + res.status().code() + " " + res.isSent());
            } finally {
                scene.note(name + " ends");
            }
        };
    }

    private record Feature(Scene scene, double weight) implements HttpFeature, Weighted {
        @Override
        public void setup(HttpRouting.Builder routing) {
            Scene setUp = new Scene(scene.variant(), routing, scene.notes());
            setUp.filter(noting(setUp, "weight " + weight));
        }
    }
}
