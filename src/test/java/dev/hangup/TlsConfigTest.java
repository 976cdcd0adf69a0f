package dev.hangup;

import java.util.Set;
import java.util.function.Consumer;

import dev.hangup.testing.Transport;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server whose TLS cannot be watched does not start, and says what to change. */
class TlsConfigTest {
    private static final Tls HELIDONS = Tls.builder().build();
    private static final String MANAGER = "hangup:\n";
    private static final Tls OFF = Tls.builder().enabled(false).build();

    @Test
    void tlsOfHelidonsIsRefused() {
        assertRefused("watch", "@default", MANAGER, build(hangup -> { }, it -> it.tls(HELIDONS)));
    }

    @Test
    void tlsOfANamedSocketIsRefused() {
        assertRefused("watch", "admin", MANAGER, build(hangup -> { }, it -> admin(it, HELIDONS)));
        assertRefused("watch", "admin", MANAGER,
                      build(hangup -> hangup.sockets(Set.of("admin")), it -> admin(it, HELIDONS)));
    }

    @Test
    void tlsWithoutNioIsRefused() {
        assertRefused("watch", "@default", "use-nio: true", build(hangup -> { }, it -> {
            Transport.TLS_1_3.configure(it);
            it.useNio(false);
        }));
    }

    @Test
    void tlsOfASocketThatIsLeftOutDoesNotMatter() {
        assertDoesNotThrow(() -> build(hangup -> hangup.sockets(Set.of("@default")), it -> admin(it, HELIDONS)).run());
    }

    @Test
    void tlsDoesNotMatterWhereNobodyWatches() {
        assertDoesNotThrow(() -> build(hangup -> hangup.watch(false), it -> it.tls(HELIDONS)).run());
    }

    @Test
    void tlsThatIsOffDoesNotMatter() {
        assertDoesNotThrow(() -> build(hangup -> { }, it -> it.tls(OFF)).run());
    }

    @Test
    void tlsThatIsOffOrManagedAlreadyStaysTheSame() {
        assertSame(OFF, FullDuplexTls.manage(OFF));
        Tls managed = FullDuplexTls.manage(HELIDONS);
        assertTrue(FullDuplexTls.manages(managed));
        assertSame(managed, FullDuplexTls.manage(managed));
    }

    @Test
    void managerHasTheNameThatItIsGiven() {
        assertEquals("mine", FullDuplexTls.create("mine").name());
        assertEquals("hangup", FullDuplexTls.create().name());
        assertEquals("hangup", FullDuplexTls.create("mine").type());
    }

    @Test
    void managerIsFoundByItsKey() {
        for (String node : new String[] {"hangup: {}", "hangup.enabled: true"}) {
            Tls tls = Tls.create(Config.just(ConfigSources.create("manager:\n  " + node + "\n", MediaTypes.APPLICATION_YAML)));
            assertTrue(FullDuplexTls.manages(tls), node);
        }
    }

    @Test
    void halfCloseIsRefusedWhereTls12MayBeSpoken() {
        assertRefused("tolerate-half-close", "@default", "tls.protocols: [TLSv1.3]",
                      build(hangup -> hangup.tolerateHalfClose(true), it -> it.tls(Tls.builder()
                              .manager(FullDuplexTls.create())
                              .build())));
        assertRefused("tolerate-half-close", "@default", "tls.protocols: [TLSv1.3]",
                      build(hangup -> hangup.tolerateHalfClose(true), Transport.TLS_1_2::configure));
    }

    @Test
    void halfCloseIsToleratedUnderTls13Alone() {
        assertDoesNotThrow(() -> build(hangup -> hangup.tolerateHalfClose(true), Transport.TLS_1_3::configure).run());
    }

    private static void admin(WebServerConfig.Builder server, Tls tls) {
        server.putSocket("admin", ListenerConfig.builder().name("admin").tls(tls).build());
    }

    private static Runnable build(Consumer<HangupConfig.Builder> hangup, Consumer<WebServerConfig.Builder> server) {
        return () -> WebServer.builder()
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .addFeature(Hangup.builder().update(hangup).build())
                .update(server)
                .build();
    }

    private static void assertRefused(String key, String socket, String remedy, Runnable build) {
        String message = assertThrows(ConfigException.class, build::run).getMessage();
        assertTrue(message.startsWith("server.features.hangup." + key + " "), message);
        assertTrue(message.contains("socket " + socket) && message.contains(remedy), message);
        if (!remedy.equals(MANAGER)) {
            assertEquals(1, message.lines().count(), message);
        }
    }
}
