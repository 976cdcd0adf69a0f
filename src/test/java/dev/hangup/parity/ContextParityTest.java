package dev.hangup.parity;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.http.NotFoundException;
import io.helidon.logging.common.HelidonMdc;
import io.helidon.webserver.context.ContextFeature;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.same;

/** What Helidon keeps for a request beside the request reaches handlers and error handlers, and what they add, filters. */
class ContextParityTest {
    private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();

    @TestFactory
    Stream<DynamicTest> contexts() {
        return Stream.of(
                same("none", scene -> scene.get((req, res) -> {
                    scene.note(Contexts.context().isPresent());
                    res.send();
                })),
                same("of a filter's", scene -> scene
                        .filter((chain, req, res) -> {
                            Context context = Context.builder().parent(req.context()).build();
                            context.register("key", "value");
                            Contexts.runInContext(context, chain::proceed);
                        })
                        .get((req, res) -> {
                            note(scene, "handler");
                            throw new NotFoundException("Nothing");
                        })
                        .routing().error(NotFoundException.class, (req, res, e) -> {
                            note(scene, "error handler");
                            res.send();
                        })),
                same("of the request", scene -> scene
                        .filter((chain, req, res) -> {
                            req.context().register("key", "value");
                            chain.proceed();
                            scene.note(req.context().get("added", String.class));
                        })
                        .get((req, res) -> {
                            scene.note(req.context().get("key", String.class));
                            req.context().register("added", "by handler");
                            res.next();
                        })
                        .get((req, res) -> {
                            scene.note(req.context().get("added", String.class));
                            res.send();
                        })),
                same("of the request, that nobody has asked for before", scene -> scene
                        .filter((chain, req, res) -> {
                            chain.proceed();
                            scene.note(req.context().get("added", String.class));
                        })
                        .get((req, res) -> {
                            req.context().register("added", "by handler");
                            res.send();
                        })),
                same("the request's identity", server -> server.addFeature(ContextFeature.create()), List.of(Parity.get("/")),
                     scene -> {
                         Context[] seen = new Context[1];
                         scene
                                 .filter((chain, req, res) -> {
                                     seen[0] = req.context();
                                     scene.note(seen[0] == Contexts.context().orElseThrow());
                                     chain.proceed();
                                 })
                                 .get((req, res) -> {
                                     scene.note(seen[0] == req.context());
                                     scene.note(seen[0] == Contexts.context().orElseThrow());
                                     res.send();
                                 });
                     }));
    }

    @TestFactory
    Stream<DynamicTest> logging() {
        return Stream.of(
                same("a filter's value", scene -> scene
                        .filter((chain, req, res) -> {
                            HelidonMdc.set("key", "value");
                            chain.proceed();
                            scene.note("filter " + HelidonMdc.get("key"));
                            HelidonMdc.clear();
                        })
                        .get((req, res) -> {
                            scene.note("handler " + HelidonMdc.get("key"));
                            throw new NotFoundException("Nothing");
                        })
                        .routing().error(NotFoundException.class, (req, res, e) -> {
                            scene.note("error handler " + HelidonMdc.get("key"));
                            res.send();
                        })),
                same("nothing is left behind", Parity.get("/") + Parity.get("/"), scene -> scene
                        .get((req, res) -> {
                            scene.note(HelidonMdc.get("key"));
                            HelidonMdc.set("key", "value");
                            scene.note(HelidonMdc.get("key"));
                            HelidonMdc.clear();
                            res.send();
                        })));
    }

    @TestFactory
    Stream<DynamicTest> scopedValues() {
        Consumer<Scene> bound = scene -> scene
                .filter((chain, req, res) -> ScopedValue.where(SCOPED, "value").run(chain::proceed))
                .get((req, res) -> {
                    scene.note("handler " + SCOPED.get());
                    throw new NotFoundException("Nothing");
                })
                .routing().error(NotFoundException.class, (req, res, e) -> {
                    scene.note("error handler " + SCOPED.get());
                    res.send();
                });
        return Stream.of(same("a filter's", bound));
    }

    private static void note(Scene scene, String who) {
        scene.note(who + " " + Contexts.context().flatMap(it -> it.get("key", String.class)));
    }
}
