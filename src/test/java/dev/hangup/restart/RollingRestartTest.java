package dev.hangup.restart;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** One of two replicas is restarted behind the proxies that are installed, under load: a short form of the program. */
class RollingRestartTest {
    @Test
    void nothingIsLostAndNothingRepeated() throws Exception {
        List<Balancer.Kind> proxies = Stream.of(Balancer.Kind.NGINX, Balancer.Kind.HAPROXY)
                .filter(it -> isInstalled(it.program()))
                .toList();
        assumeTrue(!proxies.isEmpty(), "neither nginx nor HAProxy is installed");
        Load.Result result = new RollingRestart(proxies, 2, 1, Duration.ofSeconds(5), Duration.ofSeconds(1), 4).run();
        assertTrue(result.isClean(), result.toString());
        result.sent().forEach((kind, sent) -> assertTrue(sent.get() > 0, kind));
        // each POST has reached the server behind the replicas, so that a repeated one would have been counted
        assertEquals(result.sent().get("post").get(), result.begun());
    }

    private static boolean isInstalled(String program) {
        return Stream.concat(Stream.of(""), Stream.of(System.getenv("PATH").split(":")))
                .anyMatch(it -> Files.isExecutable(Path.of(it, program)));
    }
}
