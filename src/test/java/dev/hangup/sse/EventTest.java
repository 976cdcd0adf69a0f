package dev.hangup.sse;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class EventTest {
    @Test
    void whatItSaysIsSentWithAnEmptyLineBehindIt() {
        assertEquals("data: hello\n\n", sent(Event.of("hello")));
    }

    @Test
    void allFieldsAreSent() {
        assertEquals("id: 7\nevent: tick\nretry: 1500\ndata: {}\n\n",
                     sent(Event.of("{}").id("7").name("tick").retry(Duration.ofMillis(1500))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb\n\nc", "a\rb\r\rc", "a\r\nb\r\n\r\nc", "a\nb\r\n\rc"})
    void eachLineIsAField(String data) {
        assertEquals("data: a\ndata: b\ndata: \ndata: c\n\n", sent(Event.of(data)));
    }

    @Test
    void linesAtTheEndAreNotLost() {
        assertEquals("data: a\ndata: \ndata: \n\n", sent(Event.of("a\n\n")));
    }

    @Test
    void nothingIsAnEventToo() {
        assertEquals("data: \n\n", sent(Event.of("")));
    }

    @Test
    void aSpaceAtTheBeginningIsKept() {
        assertEquals("data:  a\n\n", sent(Event.of(" a")));
    }

    @Test
    void aCommentCannotBecomeAnEvent() {
        assertEquals(": a\n: data: b\n\n", new String(Event.comment("a\ndata: b"), StandardCharsets.UTF_8));
    }

    @Test
    void textIsUtf8() {
        assertEquals("data: \u00e4\ud83d\ude34\n\n", sent(Event.of("\u00e4\ud83d\ude34")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "\n", "a\0"})
    void namesAndIdsThatWouldEndTheirLineAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Event.of("").name(text));
        assertThrows(IllegalArgumentException.class, () -> Event.of("").id(text));
    }

    @Test
    void aTimeThatHasPassedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Event.of("").retry(Duration.ofMillis(-1)));
    }

    private static String sent(Event event) {
        return new String(event.bytes(), StandardCharsets.UTF_8);
    }
}
