package dev.hangup.tls;

import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Transport;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.tls.Tls;
import org.junit.jupiter.api.Test;

/** A fault of the JDK's engine ({@code sun.security.ssl.SSLEngineInputRecord}), as long as it is there. */
class JdkFaultsTest {
    private static final int SEVERAL = 100;

    /** Messages must not go on behind a change of keys (RFC 8446, 5.1). */
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
}
