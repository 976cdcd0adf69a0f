package dev.hangup.internal.server;

import java.util.List;

import dev.hangup.Deadline;
import dev.hangup.HangupPathConfig;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Requests that an entry of {@code paths} covers, and those that it excludes. */
class PathExclusionTest {
    private static TestServer server;

    private final Trail trail = new Trail();

    @BeforeAll
    static void start() {
        server = TestServer.start(hangup -> hangup
                .addPath(entry("/*").addExcludeMethod(Method.POST).addExcludePath("/orders/*").addExcludePath("/legacy/audit")
                                 .build())
                .addPath(entry("/legacy/*").methods(List.of(Method.POST)).build()), routing -> routing
                .any((request, response) -> response.send(Deadline.current().isPresent() ? "covered" : "bare")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
            "GET,    /reports/7,    covered",
            "POST,   /reports/7,    bare",
            "DELETE, /reports/7,    covered",
            "GET,    /orders,       bare",
            "GET,    /orders/7,     bare",
            "GET,    /orders7,      covered",
            "GET,    /legacy/audit, bare",
            // what one entry excludes, the next may cover
            "POST,   /legacy/any,   covered"})
    void entryLeavesOutWhatItExcludes(String method, String path, String expected) {
        try (RawClient client = server.connect(); Http2Client http2 = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            assertEquals(expected, client.read().text());
            int id = http2.newStream();
            http2.send(Http2Client.headers(id, method, path, true));
            assertEquals(expected, http2.answer(id).text());
        }
    }

    /** Its client is gone before the response is there, and never meant to wait. */
    @Test
    @Tag("departure")
    void fireAndForgetPostIsCarriedOutUnderAnEntryThatExcludesIt() {
        try (TestServer server = TestServer.start(hangup -> hangup.addPath(entry("/*").addExcludeMethod(Method.POST).build()),
                                                  this::work)) {
            try (RawClient client = server.connect()) {
                client.send("POST /insert HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nrow");
                trail.await("inserting");
            }
            // a client that leaves later, and whose work is cancelled
            try (RawClient client = server.connect()) {
                client.get("/work");
                trail.await("started");
            }
            trail.await("interrupted");
            trail.add("go on");
            trail.await("inserted");
        }
    }

    @Test
    void oneLineAtTheStartSaysWhichUnsafeMethodsAreCovered() {
        assertEquals(List.of("POST, PUT, PATCH, DELETE /*"), covered(entry("/*").build()));
        assertEquals(List.of("PUT, PATCH, DELETE /* except /orders/*, /audit; MOVE /files/*"),
                     covered(entry("/*").addExcludeMethod(Method.POST).addExcludePath("/orders/*").addExcludePath("/audit")
                                     .build(),
                             entry("/files/*").methods(List.of(Method.GET, Method.create("MOVE"))).build(),
                             entry("/safe/*").methods(List.of(Method.GET, Method.HEAD, Method.OPTIONS, Method.TRACE)).build()));
        assertEquals(List.of(), covered(entry("/safe/*").methods(List.of(Method.GET)).build()));
        assertEquals(List.of(), covered());
    }

    private static List<String> covered(HangupPathConfig... paths) {
        try (Logged log = Logged.by("dev.hangup")) {
            TestServer.start(hangup -> hangup.paths(List.of(paths)), routing -> { }).close();
            return log.trail().events().stream()
                    .filter(it -> it.startsWith("paths "))
                    .map(it -> it.replaceAll("^.*: |\\. Set .*$", ""))
                    .toList();
        }
    }

    private static HangupPathConfig.Builder entry(String path) {
        return HangupPathConfig.builder().path(path);
    }

    private void work(HttpRouting.Builder routing) {
        routing.post("/insert", (request, response) -> {
                    trail.add("inserting");
                    trail.awaitInterruptibly("go on");
                    trail.add("inserted");
                    response.send();
                })
                .get("/work", (request, response) -> trail.workUntilInterrupted());
    }
}
