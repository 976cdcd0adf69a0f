package dev.hangup.cluster;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server without a cluster, on a class path without the engine. */
class ClusterOffTest {
    @Test
    void noClassOfTheClusterIsLoaded() throws IOException {
        String path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(it -> !it.contains("jgroups"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = ChildJvm.builder("--enable-preview", "-Xlog:class+load", "-cp", path, Main.class.getName())
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertTrue(lines.contains("result 200"), () -> String.join("\n", lines));
        assertTrue(lines.stream().anyMatch(it -> it.contains(" dev.hangup.coalescing.SharedCall ")));
        assertEquals(List.of(), lines.stream()
                .filter(it -> it.contains(" dev.hangup.cluster.") || it.contains(" dev.hangup.internal.cluster.")
                        || it.contains(" org.jgroups."))
                .filter(it -> !it.contains(ClusterOffTest.class.getName()))
                .toList());
    }

    /** Coalesces one request and ends. */
    static final class Main {
        private Main() {
        }

        /** Without arguments. */
        public static void main(String[] args) {
            WebServer server = WebServer.builder()
                    .host("localhost")
                    .featuresDiscoverServices(false)
                    .addFeature(Hangup.create())
                    .routing(routing -> routing.get("/", Coalescing.<String, String>builder()
                            .key(request -> "key")
                            .computing(key -> "result")
                            .build()))
                    .build()
                    .start();
            try (RawClient client = RawClient.connect(server.port())) {
                RawClient.Response response = client.get("/").read();
                System.out.println(response.text() + " " + response.status());
            }
            server.stop();
        }
    }
}
