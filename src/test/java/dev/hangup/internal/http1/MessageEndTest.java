package dev.hangup.internal.http1;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

import dev.hangup.testing.Await;

import io.helidon.common.buffers.BufferData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The end of a message is found at its last byte, and not before, wherever the message is cut. */
class MessageEndTest {
    private static final String HEADER = "HTTP/1.1 200 OK\r\nDate: today\r\nX-Zero: 0\r\n\r\n";

    /**
     * A message.
     *
     * @param length of its content; negative if it comes in chunks
     * @param header whether the header is passed, too
     */
    record Message(String text, int length, boolean header) {
        MessageEnd begin() {
            MessageEnd end = new MessageEnd();
            long known = length < 0 ? MessageEnd.CHUNKED : length;
            if (header) {
                end.begin(known);
            } else {
                end.beginContent(known);
            }
            return end;
        }

        String whole() {
            return (header ? HEADER : "") + text;
        }
    }

    static Stream<Message> messages() {
        return Stream.of(new Message("", 0, true),
                         new Message("abc", 3, true),
                         new Message("ab\r\n\r\nabcdef\r\n\r\n", 16, true),
                         new Message("0\r\n\r\n", -1, true),
                         new Message("3\r\nabc\r\n0\r\n\r\n", -1, true),
                         new Message("7\r\n\r\n0\r\n\r\n\r\n1\r\nx\r\n0\r\n\r\n", -1, true),
                         new Message("1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", -1, true),
                         new Message("3\r\nabc\r\n0\r\nstream-result: OK\r\nA: 1\r\n\r\n", -1, true),
                         new Message("abc", 3, false),
                         new Message("3\r\nabc\r\n00\r\n\r\n", -1, false),
                         new Message("3;a=b\r\nabc\r\n0;c\r\n\r\n", -1, false));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void wholeMessageEndsWithItsLastByte(Message message) {
        assertTrue(message.begin().isIn(bytes(message.whole())));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void cutAnywhere(Message message) {
        String whole = message.whole();
        for (int first = 1; first < whole.length(); first++) {
            for (int second = first; second < whole.length(); second++) {
                MessageEnd end = message.begin();
                String where = first + " " + second;
                assertFalse(end.isIn(bytes(whole.substring(0, first))), where);
                assertEquals(false, second > first && end.isIn(bytes(whole.substring(first, second))), where);
                assertTrue(end.isAhead(), where);
                assertTrue(end.isIn(bytes(whole.substring(second))), where);
                assertFalse(end.isAhead(), where);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void bytesBehindTheEndAreOthers(Message message) {
        MessageEnd end = message.begin();
        assertTrue(end.isIn(bytes(message.whole() + "GET / HTTP/1.1\r\n")));
        assertEquals("GET / HTTP/1.1\r\n".length(), end.excess());
        assertFalse(end.isIn(bytes("Host: a\r\n\r\n")));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void emptyLineBehindTheEndIsNoEndOfAHeader(Message message) {
        MessageEnd end = message.begin();
        assertTrue(end.isIn(bytes(message.whole() + "\r\n\r\n" + "x".repeat(Math.max(0, message.length())))));
        assertEquals(4 + Math.max(0, message.length()), end.excess());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void nothingIsBehindAWholeMessage(Message message) {
        MessageEnd end = message.begin();
        end.isIn(bytes(message.whole()));
        assertEquals(0, end.excess());
    }

    /** No such chunk is ever whole; Helidon refuses it. */
    @ParameterizedTest
    @ValueSource(strings = {"8000000000000000", "80000000fffffffe", "ffffffffffffffff", "7ffffffffffffffff",
            "123456789abcdef0123456789abcdef012345678"})
    void sizeThatFitsIntoNoNumber(String size) {
        MessageEnd end = new MessageEnd();
        end.beginContent(MessageEnd.CHUNKED);
        assertTimeoutPreemptively(Await.TIME, () -> assertFalse(end.isIn(bytes(size + "\r\nabc\r\n0\r\n\r\n"))));
        assertTrue(end.isAhead());
    }

    static Stream<Arguments> unchunked() {
        return Stream.of(Arguments.of("0\r\n\r\n", ""),
                         Arguments.of("3\r\nabc\r\n0\r\n\r\n", "abc"),
                         Arguments.of("7\r\n\r\n0\r\n\r\n\r\n1\r\nx\r\n0\r\n\r\n", "\r\n0\r\n\r\nx"),
                         Arguments.of("1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", "abcdefghijklmnopqrstuvwxyz"),
                         Arguments.of("3\r\nabc\r\n0\r\nstream-result: OK\r\nA: 1\r\n\r\n", "abc"));
    }

    @ParameterizedTest
    @MethodSource("unchunked")
    void chunksAreTakenOutWhereverTheyAreCut(String framed, String content) {
        String whole = HEADER + framed;
        for (int first = 1; first < whole.length(); first++) {
            for (int second = first; second < whole.length(); second++) {
                MessageEnd end = unchunking();
                String taken = unchunked(end, whole.substring(0, first)) + unchunked(end, whole.substring(first, second))
                        + unchunked(end, whole.substring(second));
                assertEquals(HEADER + content, taken, first + " " + second);
                assertFalse(end.isAhead());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("unchunked")
    void nothingRemainsOfWhatIsBehind(String framed, String content) {
        MessageEnd end = unchunking();
        assertEquals(HEADER + content, unchunked(end, HEADER + framed + HEADER + framed));
        assertEquals(HEADER.length() + framed.length(), end.excess());
        assertEquals("", unchunked(end, HEADER + framed));
    }

    @Test
    void nextMessageKeepsItsChunks() {
        MessageEnd end = unchunking();
        unchunked(end, HEADER + "0\r\n\r\n");
        end.begin(MessageEnd.CHUNKED);
        assertTrue(end.isIn(bytes(HEADER + "0\r\n\r\n")));
        assertNull(end.unchunked());
    }

    private static MessageEnd unchunking() {
        MessageEnd end = new MessageEnd();
        end.begin(MessageEnd.CHUNKED);
        end.unchunk();
        return end;
    }

    private static String unchunked(MessageEnd end, String text) {
        BufferData bytes = bytes(text);
        end.isIn(bytes);
        assertEquals(text.length(), bytes.available());
        return new String(end.unchunked().readBytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void positionOfTheBytesStays() {
        BufferData bytes = bytes(HEADER + "abc");
        MessageEnd end = new MessageEnd();
        end.begin(3);
        end.isIn(bytes);
        assertEquals(HEADER.length() + 3, bytes.available());
    }

    @Test
    void emptyContentNeedsNoBytes() {
        MessageEnd end = new MessageEnd();
        end.beginContent(0);
        assertFalse(end.isAhead());
    }

    private static BufferData bytes(String text) {
        return BufferData.create(text.getBytes(StandardCharsets.US_ASCII));
    }
}
