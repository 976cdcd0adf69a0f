package dev.hangup.parity;

import java.util.stream.Stream;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.get;
import static dev.hangup.parity.Parity.request;
import static dev.hangup.parity.Parity.same;

class RoutingParityTest {
    @TestFactory
    Stream<DynamicTest> nextHandler() {
        return Stream.of(
                same("next() to a later handler", scene -> scene
                        .get((req, res) -> res.next())
                        .get((req, res) -> res.send("second"))),
                same("next() with headers and a status set before", scene -> scene
                        .get((req, res) -> res.status(Status.ACCEPTED_202).header(Scene.X, "first").next())
                        .get((req, res) -> res.header(Scene.Y, "second").send("second " + res.status().code()
                                                                                       + res.headers().get(Scene.X).get()))),
                same("next() without another handler", scene -> scene
                        .get((req, res) -> res.header(Scene.X, "first").next())),
                same("next() with listeners and filters registered before", scene -> scene
                        .get((req, res) -> {
                            scene.beforeSend(res, "first");
                            scene.whenSent(res, "first");
                            res.streamFilter(scene.marking('1'));
                            res.next();
                        })
                        .get((req, res) -> {
                            scene.beforeSend(res, "second");
                            scene.whenSent(res, "second");
                            res.streamFilter(scene.marking('2'));
                            res.send("answer");
                        })),
                same("next() after send()", scene -> scene
                        .get((req, res) -> {
                            res.send("first");
                            res.next();
                        })
                        .get((req, res) -> res.send("second"))),
                same("next() after a stream was asked for", scene -> scene
                        .get((req, res) -> {
                            res.outputStream().write(Scene.bytes("first"));
                            res.next();
                        })
                        .get((req, res) -> res.send("second"))),
                same("next() and a filter's listener that uses the first handler's response", scene -> scene
                        .get((req, res) -> {
                            res.beforeSend(() -> res.status(Status.ACCEPTED_202).header(Scene.X, "late"));
                            res.next();
                        })
                        .get((req, res) -> res.send("second"))),
                same("next() and then an exception", scene -> scene
                        .get((req, res) -> {
                            res.header(Scene.X, "first").next();
                            throw new IllegalStateException("after next()");
                        })
                        .get((req, res) -> res.send("second"))));
    }

    @TestFactory
    Stream<DynamicTest> rerouting() {
        return Stream.of(
                same("to a path", get("/?q=1"), scene -> scene
                        .get((req, res) -> res.header(Scene.X, "first").reroute("/other"))
                        .get("/other", (req, res) -> res.send("other " + req.query().first("q").orElse("-")))),
                same("to a path and a query", get("/?q=1"), scene -> scene
                        .get((req, res) -> res.reroute("/other", UriQuery.create("q=2")))
                        .get("/other", (req, res) -> res.send("other " + req.query().first("q").orElse("-")))),
                same("twice in one handler", get("/?q=1"), scene -> scene
                        .get((req, res) -> res.reroute("/none", UriQuery.create("q=2")).reroute("/other"))
                        .get("/other", (req, res) -> res.send("other " + req.query().first("q").orElse("-")))),
                same("to where there is nothing", scene -> scene
                        .get((req, res) -> res.reroute("/nothing"))),
                same("for ever", scene -> scene
                        .get((req, res) -> res.reroute("/"))),
                same("and then next()", scene -> scene
                        .get((req, res) -> {
                            res.reroute("/other");
                            res.next();
                        })),
                same("next() and then a path", scene -> scene
                        .get((req, res) -> {
                            res.next();
                            res.reroute("/other");
                        })),
                same("after send()", scene -> scene
                        .get((req, res) -> {
                            res.send("first");
                            res.reroute("/other");
                        })
                        .get("/other", (req, res) -> res.send("other"))));
    }

    @TestFactory
    Stream<DynamicTest> matching() {
        return Stream.of(
                same("path parameters and pattern", get("/a/some%20thing/b/c?x=y#f"), scene -> scene
                        .get("/a/{name}/*", (req, res) -> res.send(req.path().pathParameters().get("name") + " "
                                                                           + req.matchingPattern().orElse("-") + " "
                                                                           + req.path().path() + " "
                                                                           + req.path().absolute().path() + " "
                                                                           + req.prologue()))),
                same("a service under a prefix", get("/svc/a"), scene -> scene.routing()
                        .register("/svc", rules -> rules.get("/{x}", scene.variant().handler(
                                (req, res) -> res.send(req.path().path() + req.path().absolute().path()
                                                               + req.matchingPattern().orElse("-")))))),
                same("any method", request("PUT", "/x"), scene -> scene.routing()
                        .any("/x", scene.variant().handler((req, res) -> res.send(req.prologue().method().text())))),
                same("what the request says", get("/?a=b", "X-Test: 1, 2\r\n"), scene -> scene
                        .get((req, res) -> res.send(req.headers().get(HeaderNames.create("X-Test")).allValues()
                                                            + req.authority() + req.requestedUri().path().path()
                                                            + req.id() + req.isSecure() + req.query().rawValue()))),
                same("no such path", get("/nothing"), scene -> scene.get((req, res) -> res.send())),
                same("no such method", request("DELETE", "/"), scene -> scene.get((req, res) -> res.send())),
                same("a broken request", "GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
                     scene -> scene.get((req, res) -> res.send())));
    }
}
