package dev.hangup.internal.metrics;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Collectors;

import dev.hangup.Hangup;
import dev.hangup.testing.ChildJvm;

import io.helidon.webserver.WebServer;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who does not want metrics need not have their modules. */
class WithoutMetricsTest {
    @Test
    void serverWithoutTheModulesAnswers() throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(it -> !it.contains("helidon-metrics-providers") && !it.contains("observe")
                        && !it.contains("helidon-health"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = ChildJvm.builder("--enable-preview", "-cp", classPath, Service.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.lines().anyMatch("no metrics here, done"::equals), said);
    }

    /** Asks itself one question. */
    static final class Service {
        private Service() {
        }

        public static void main(String[] args) throws Exception {
            WebServer server = WebServer.builder()
                    .host("localhost")
                    .routing(routing -> routing.get("/", Hangup.cancellable(request -> "done")))
                    .build()
                    .start();
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/")).build(),
                          HttpResponse.BodyHandlers.ofString());
            server.stop();
            try {
                Class.forName("io.helidon.webserver.observe.ObserveFeature");
            } catch (ClassNotFoundException e) {
                System.out.println("no metrics here, " + response.body());
            }
        }
    }
}
