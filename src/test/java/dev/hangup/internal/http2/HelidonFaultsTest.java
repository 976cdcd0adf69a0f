package dev.hangup.internal.http2;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.configurable.AllowList;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2HuffmanEncoder;
import io.helidon.http.http2.Http2Setting;
import io.helidon.http.http2.Http2Settings;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Faults of Helidon 4.5.0 that Hangup works around. A case that fails means that one is mended, and the workaround may go. */
class HelidonFaultsTest {
    private static final int LARGE = 5000;

    /** {@link ClientSettings}. */
    @Test
    void settingBehindAnUnknownOneIsMisread() {
        ByteBuffer payload = ByteBuffer.allocate(12).putShort((short) 0x99).putInt(5).putShort((short) 4).putInt(100);
        Http2Settings settings = Http2Settings.create(BufferData.create(payload.array()));
        assertFalse(settings.hasValue(Http2Setting.INITIAL_WINDOW_SIZE));
    }

    /** {@link Http2Exchange#lacksEnd}. */
    @Test
    void endOfTheStreamIsLostInContinuations() {
        int flags = Http2Flag.ContinuationFlags.create(Http2Flag.END_OF_STREAM | Http2Flag.END_OF_HEADERS).value();
        assertEquals(Http2Flag.END_OF_HEADERS, flags);
    }

    /** {@link HeaderBlocks} and {@link Http2Routing}. */
    @Test
    void fieldThatIsLargerThanTheTableIsMadeRoomForForEver() throws Exception {
        Process adding = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-preview",
                                            "-classpath", System.getProperty("java.class.path"), Adding.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertEquals('b', adding.getInputStream().read(), "it has not begun");
            assertFalse(adding.waitFor(2, TimeUnit.SECONDS));
        } finally {
            adding.destroyForcibly();
        }
    }

    /** {@code TrustedProxies}. */
    @Test
    void proxyThatNamesOnlyItsClientIsNotBelieved() {
        RequestedUriDiscoveryContext discovery = RequestedUriDiscoveryContext.builder()
                .addDiscoveryType(RequestedUriDiscoveryContext.RequestedUriDiscoveryType.X_FORWARDED)
                .trustedProxies(AllowList.builder().addAllowed("127.0.0.1").build())
                .build();
        ServerRequestHeaders headers = ServerRequestHeaders.create(WritableHeaders.create()
                .set(HeaderNames.HOST, "own")
                .set(HeaderNames.X_FORWARDED_FOR, "192.0.2.7")
                .set(HeaderNames.X_FORWARDED_HOST, "forwarded"));
        InetSocketAddress proxy = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        assertEquals("own", discovery.uriInfo(proxy, null, "/", headers, UriQuery.empty(), false).host());
    }

    /** Adds a large field to a table. */
    static final class Adding {
        private Adding() {
        }

        public static void main(String[] args) {
            Http2Headers headers = Http2Headers.create(WritableHeaders.create()
                    .add(HeaderValues.create("x-large", "a".repeat(LARGE))));
            System.out.println("begun");
            headers.write(Http2Headers.DynamicTable.create(HeaderTable.SIZE), Http2HuffmanEncoder.create(),
                          BufferData.growing(LARGE));
        }
    }
}
