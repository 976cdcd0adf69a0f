package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.Http2FrameData;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2HuffmanDecoder;
import io.helidon.http.http2.Http2HuffmanEncoder;
import io.helidon.http.http2.Http2Setting;
import io.helidon.http.http2.Http2Settings;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Faults of Helidon 4.5.0 in header blocks and settings of HTTP/2; each as long as it is there. */
class HelidonHeaderFaultsTest {
    private static final int LARGE = 5000;
    private static final int FIELDS_OVER_A_FRAME = 40;
    private static final int HEADER_TABLE_SIZE = 1;
    private static final byte RESIZED_TO_0 = 0x20;
    private static final Header CONSTANT = HeaderValues.create(HeaderNames.create("x-constant"), false, false, "always the same");
    private static final Header SENSITIVE = HeaderValues.create(HeaderNames.create("x-secret"), false, true, "always the same");


    @Test
    @WorkedAroundBy(value = {Http2Routing.class, HuffmanLength.class}, members = {"ensureEncodable", "lengthens"})
    void textThatItsHuffmanCodeLengthensIsAddedToTheTableAndNotSent() {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.set(HeaderValues.create(HeaderNames.create("x-json"), "{\"a\":1}"));
        Http2Headers.DynamicTable table = Http2Headers.DynamicTable.create(4096);
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> Http2Headers.create(headers)
                .write(table, Http2HuffmanEncoder.create(), BufferData.growing(64)));
        // by its place in the table, which its client does not have: the first one behind the 61 that are fixed
        BufferData block = BufferData.growing(64);
        Http2Headers.create(headers).write(table, Http2HuffmanEncoder.create(), block);
        assertEquals(0x80 | 62, block.read());
    }

    @Test
    @WorkedAroundBy(ClientSettings.class)
    void settingBehindAnUnknownOneIsMisread() {
        ByteBuffer payload = ByteBuffer.allocate(12).putShort((short) 0x99).putInt(5).putShort((short) 4).putInt(100);
        Http2Settings settings = Http2Settings.create(BufferData.create(payload.array()));
        assertFalse(settings.hasValue(Http2Setting.INITIAL_WINDOW_SIZE));
    }

    /** That a HEADERS frame ends its stream is said in the CONTINUATION behind it, which has no flag for that. */
    @Test
    @WorkedAroundBy(value = Http2Exchange.class, members = {"endMayBeLost", "lacksEnd"})
    void endOfTheStreamIsLostInContinuations() {
        try (PlainServer server = start(response -> {
            for (int i = 0; i < FIELDS_OVER_A_FRAME; i++) {
                response.header(HeaderNames.create("x-" + i), "a".repeat(1000));
            }
        });
                Http2Client client = server.connectHttp2()) {
            int id = client.get("/");
            client.headerBlock(id);
            // behind what the answer's thread has written
            client.answer(client.get("/nowhere"));
            assertFalse(client.hasEnded(id));
        }
    }

    @Test
    @WorkedAroundBy({HeaderBlocks.class, Http2Routing.class})
    void fieldThatIsLargerThanTheTableIsMadeRoomForForEver() throws Exception {
        Process adding = ChildJvm.running(Adding.class, List.of())
                .redirectErrorStream(true)
                .start();
        try {
            assertEquals('b', adding.getInputStream().read(), "it has not begun");
            assertFalse(adding.waitFor(2, TimeUnit.SECONDS));
        } finally {
            adding.destroyForcibly();
        }
    }

    /** By its characters rather than its octets (RFC 7541, 4.1), so that the older one is still there. */
    @Test
    @WorkedAroundBy(value = HeaderBlocks.class, members = {"added", "ascii"})
    void fieldThatIsNotAsciiTakesLessRoom() {
        Http2Headers.DynamicTable table = Http2Headers.DynamicTable.create(HeaderTable.SIZE);
        decode(table, new HeaderBlock().added("x-umlauts", "\u00c3\u00a4".repeat(2000)));
        decode(table, new HeaderBlock().added("x-other", "o".repeat(100)));
        Http2Headers headers = decode(table, new HeaderBlock().indexed(HeaderBlock.NEWEST + 1));
        assertEquals(2000, headers.httpHeaders().get(HeaderNames.create("x-umlauts")).get().length());
    }

    private static Http2Headers decode(Http2Headers.DynamicTable table, HeaderBlock block) {
        byte[] frame = Http2Client.headers(1, block, true);
        return Http2Headers.create(null, table, Http2HuffmanDecoder.create(), new Http2FrameData(
                Http2FrameHeader.create(BufferData.create(frame, 0, Frame.HEADER_LENGTH)), BufferData.create(block.bytes())));
    }

    /** It has the decoder's table as large as ever (RFC 7541, 4.2). */
    @Test
    @WorkedAroundBy(value = {OutboundFrames.class, HeaderBlocks.class}, members = {"headerTableSize", "emptyTable"})
    void smallerTableOfTheClientIsIgnored() {
        try (PlainServer server = start(response -> response.header(CONSTANT)); Http2Client client = server.connectHttp2()) {
            client.send(Http2Client.settings(HEADER_TABLE_SIZE, 0));
            client.ping();
            byte[] block = client.headerBlock(client.get("/"));
            assertNotEquals(RESIZED_TO_0, block[0]);
        }
    }

    /** It is sent as one that no table has, and put into the encoder's (RFC 7541, 6.2.3). */
    @Test
    @WorkedAroundBy(value = Http2Routing.class, members = "keepOutOfTheTable")
    void sensitiveFieldIsPutIntoTheTable() {
        try (PlainServer server = start(response -> response.header(SENSITIVE)); Http2Client client = server.connectHttp2()) {
            HeaderBlocks decoder = new HeaderBlocks(Integer.MAX_VALUE);
            decoder.pass(client.headerBlock(client.get("/")));
            byte[] next = client.headerBlock(client.get("/"));
            assertThrows(HeaderCompressionException.class, () -> decoder.pass(next));
        }
    }

    private static PlainServer start(Consumer<ServerResponse> headers) {
        return PlainServer.start(routing -> routing.get("/", (request, response) -> {
            headers.accept(response);
            response.outputStream().close();
        }));
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
