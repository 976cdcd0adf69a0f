package dev.hangup.demo;

import java.util.regex.Pattern;

import dev.hangup.testing.RawClient;
import dev.hangup.testing.ScarceJvm;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The demo in a process that may have fewer files open than it has clients. */
class FloodedDemoTest {
    @Test
    void moreClientsThanFilesAreSurvivedAndCtrlCHasItsLastLines() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(Main.class, "-Dserver.port=0", "-Dserver.shutdown-grace-period=PT15S",
                                              "-Disolated.archive=false", "-Disolated.size=1")) {
            int port = jvm.number(Pattern.compile("^Hangup listens on http://127\\.0\\.0\\.1:(\\d+)\\."));
            // a route of its own: on a slow machine so much work takes a while to stop, and its route is closed meanwhile
            jvm.flood(port, "/with-context/stream?seconds=60");
            jvm.output().awaitAny(it -> it.contains("/with-context/stream: "), "work");
            jvm.ebb();
            try (RawClient client = RawClient.connect(port)) {
                // those that have left are served first
                client.socket().setSoTimeout(60_000);
                assertEquals(200, client.get("/with-context?seconds=0").read().status());
                jvm.output().awaitAny(it -> it.contains("/with-context: success"), "the end of the work");
                client.get("/with-context?seconds=61");
                jvm.output().awaitAny(it -> it.contains("/with-context: sleeping for 61"), "more work");
                jvm.interrupt();
                assertEquals(503, client.read().status());
                jvm.output().await("ended");
                jvm.output().awaitAny(it -> it.contains("shutdown GET /with-context "), "what the last request came to");
            }
        }
    }
}
