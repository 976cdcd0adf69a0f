package dev.hangup.parity;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;

import dev.hangup.testing.Quiet;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.DynamicTest;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Cases, each a request to the same routes on all ways. */
final class Parity {
    private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private Parity() {
    }

    /** {@code GET /}. */
    static DynamicTest same(String name, Consumer<Scene> scene) {
        return same(name, GET, scene);
    }

    static DynamicTest same(String name, String request, Consumer<Scene> scene) {
        return same(name, server -> { }, List.of(request), scene);
    }

    /**
     * A case.
     *
     * @param server  set up in the same way, whatever the way
     * @param request in parts, each but the first sent when the server has answered
     */
    static DynamicTest same(String name, Consumer<WebServerConfig.Builder> server, List<String> request,
                            Consumer<Scene> scene) {
        return DynamicTest.dynamicTest(name, () -> {
            try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon", "dev.hangup")) {
                List<String> answers = new ArrayList<>();
                for (Variant variant : Variant.values()) {
                    answers.add(answer(variant, server, request, scene));
                    assertEquals(answers.getFirst(), answers.getLast(), () -> "Other than on plain Helidon: " + variant);
                }
            }
        });
    }

    static String get(String path, String... headers) {
        return request("GET", path, headers);
    }

    static String request(String method, String path, String... headers) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("", headers) + "\r\n";
    }

    static String post(String body, String... headers) {
        return request("POST", "/", "Content-Length: " + body.length() + "\r\n", String.join("", headers)) + body;
    }

    private static String answer(Variant variant, Consumer<WebServerConfig.Builder> server, List<String> request,
                                 Consumer<Scene> scene) {
        HttpRouting.Builder routing = HttpRouting.builder();
        Trail notes = new Trail();
        scene.accept(new Scene(variant, routing, notes));
        routing.get("/last", (req, res) -> {
            notes.add(Conversation.LAST_WORD);
            res.send(Conversation.LAST_WORD);
        });
        WebServer started = variant.start(it -> it.routing(routing).update(server));
        try {
            List<byte[]> parts = request.stream().map(it -> it.getBytes(StandardCharsets.ISO_8859_1)).toList();
            Conversation said = Conversation.with(started.port(), parts);
            Conversation conversation = variant == Variant.PLAIN
                    ? said.heedingClose().heedingLength(request.getFirst().startsWith("HEAD"))
                    : said;
            return conversation.bytes() + "\n-- " + conversation.ending() + ", noted "
                    + notes.events().stream().takeWhile(it -> !Conversation.LAST_WORD.equals(it)).toList();
        } finally {
            started.stop();
        }
    }
}
