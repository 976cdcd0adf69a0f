package dev.hangup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import dev.hangup.testing.ChildJvm;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PreviewTest {
    @Test
    void serverWithoutTheFlagRefusesToStartAndNamesIt() throws IOException, InterruptedException {
        Process process = ChildJvm.builder("-cp", System.getProperty("java.class.path"), Service.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor() != 0, said);
        assertTrue(said.contains("--enable-preview"), said);
        assertFalse(said.contains("started"), said);
    }

    /** A service that has Hangup on its class path, and knows nothing of previews. */
    static final class Service {
        private Service() {
        }

        public static void main(String[] args) {
            WebServer server = WebServer.builder().host("localhost").build().start();
            System.out.println("started");
            server.stop();
        }
    }
}
