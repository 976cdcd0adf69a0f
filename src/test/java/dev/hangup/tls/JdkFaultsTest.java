package dev.hangup.tls;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.LiveThreads;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Transport;
import dev.hangup.testing.WorkedAroundBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.helidon.common.tls.Tls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of the JDK, as long as they are there. */
class JdkFaultsTest {
    private static final int SEVERAL = 100;

    /** {@code sun.security.ssl.SSLEngineInputRecord}: messages must not go on behind a change of keys (RFC 8446, 5.1). */
    @Test
    @WorkedAroundBy(ControlRecordLimit.class)
    void severalKeyUpdatesInOneRecordAreTaken() {
        Tls tls = Tls.builder().sslContext(Transport.trusting()).build();
        try (PlainServer server = PlainServer.builder().server(it -> it.tls(tls)).start(routing -> routing
                .get("/", (request, response) -> response.send("answer")));
                Tls13Client client = Tls13Client.connect(server.port())) {
            client.raw(client.packedKeyUpdates(SEVERAL)).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client.receiveUntil("answer");
        }
    }

    /** {@code jdk.internal.vm.ThreadSnapshot} (JDK-8364343). JDK 26 has it no more, JDK 24 had other dumps. */
    @Test
    @EnabledForJreRange(minVersion = 25, maxVersion = 25)
    @WorkedAroundBy(LiveThreads.class)
    void threadDumpWhileVirtualThreadsAreMountedEndsTheJvm(@TempDir Path folder) throws IOException, InterruptedException {
        Process process = ChildJvm.builder("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + folder.resolve("error"),
                        "-cp", System.getProperty("java.class.path"), Dumps.class.getName(), folder.resolve("dump").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        try {
            assertTrue(process.waitFor(4, TimeUnit.MINUTES), "it has not ended");
            assertTrue(Files.readString(folder.resolve("error")).contains("GetThreadSnapshotClosure"));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Dumps its threads time and again, some of which park and go on all the time. */
    static final class Dumps {
        private static final int THREADS = 200;
        private static final long PAUSE_NANOS = 100_000;

        public static void main(String[] arguments) throws IOException {
            for (int i = 0; i < THREADS; i++) {
                Thread.startVirtualThread(() -> {
                    while (true) {
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                });
            }
            Path file = Path.of(arguments[0]);
            // chance decides which dump is the last
            while (true) {
                Files.deleteIfExists(file);
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), ThreadDumpFormat.JSON);
            }
        }
    }
}
