package dev.hangup.demo;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a client writes into {@code Host} is never looked up, even if it looks almost like an address. */
class HostLookupTest {
    private static final List<String> NAMES = List.of("999.1.1.1", "256.1.1.1", "127.0.0.999", "127.0.0.256");
    private static final Pattern LISTENS = Pattern.compile("Hangup listens on http://127\\.0\\.0\\.1:(\\d+)");

    @Test
    void aNameThatResolvesToThisServerIsRefused(@TempDir Path folder) throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost " + String.join(" ", NAMES) + "\n");
        Process demo = ChildJvm.running("dev.hangup.demo.Main", List.of("-Djdk.net.hosts.file=" + hosts, "-Dserver.port=0",
                                                                       "-Dserver.host=127.0.0.1", "-Dreplica.name=A"))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = demo.inputReader()) {
            int port = port(output);
            for (String name : NAMES) {
                assertEquals(403, ask(port, name), name);
            }
            assertEquals(200, ask(port, "127.0.0.1"));
        } finally {
            demo.destroyForcibly().waitFor();
        }
    }

    private static int port(BufferedReader output) throws Exception {
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher matcher = LISTENS.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
            said.append(line).append('\n');
        }
        throw new AssertionError("The demo did not start: " + said);
    }

    private static int ask(int port, String host) {
        try (RawClient client = RawClient.connect(port)) {
            return client.send("GET /with-context?seconds=0 HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read().status();
        }
    }
}
