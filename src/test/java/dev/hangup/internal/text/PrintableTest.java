package dev.hangup.internal.text;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is replaced in text that is shown, and what stays. */
class PrintableTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "/work/{id:\\d+}", "GET", "größe", "ключ", "🙂", "e\u0301", "鍵"})
    void visibleTextStays(String text) {
        assertEquals(text, Printable.word(text));
        assertEquals(text, Printable.line(text));
    }

    @Test
    void plainTextIsNotCopied() {
        String text = new String("/work/{id}");
        assertSame(text, Printable.word(text));
        assertSame(text, Printable.line(text));
    }

    @Test
    void everyCharacterThatIsNotSeenIsReplaced() {
        int[] unseen = {'\r', '\n', '\t', '\0', 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x61c, 0x200b, 0x200e, 0x2028, 0x2029, 0x202a,
                0x202e, 0x2066, 0x2069, 0xfeff, 0xfff9, 0xe000, 0xffff, 0xd800, 0xdfff, 0xe0041, 0x10fffe};
        for (int codePoint : unseen) {
            assertReplaced(codePoint);
        }
    }

    /** To Unicode, these are letters, marks and symbols. */
    @ParameterizedTest
    @ValueSource(ints = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180d, 0x180f, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xffa0,
            0x13441, 0x13442, 0x1d159, 0xe0100, 0xe01ef})
    void blankCharactersAreReplaced(int codePoint) {
        assertReplaced(codePoint);
    }

    private static void assertReplaced(int codePoint) {
        String text = "a" + new String(Character.toChars(codePoint)) + "b";
        StringBuilder expected = new StringBuilder("a");
        text.substring(1, text.length() - 1).chars().forEach(c -> expected.append("\\u%04x".formatted(c)));
        assertEquals(expected + "b", Printable.word(text));
        assertEquals(expected + "b", Printable.line(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\u00a0", "\u2003", "\u3000"})
    void spacesStayInALineAndNotInAWord(String space) {
        String text = "a" + space + "b";
        assertEquals(text, Printable.line(text));
        assertEquals("a\\u%04xb".formatted((int) space.charAt(0)), Printable.word(text));
    }

    @Test
    void whatIsTooLongIsCut() {
        assertEquals("a".repeat(200), Printable.word("a".repeat(200)));
        assertEquals("a".repeat(197) + "...", Printable.word("a".repeat(201)));
        assertEquals("a".repeat(997) + "...", Printable.line("a".repeat(1001)));
    }

    @Test
    void theCutGoesThroughNoEscapeAndNoPair() {
        String escapes = Printable.word("\u001b".repeat(100));
        assertEquals("\\u001b".repeat(32) + "...", escapes);
        String pairs = Printable.word("a" + "🙂".repeat(200));
        assertTrue(pairs.length() <= 200 && pairs.endsWith("🙂..."), pairs);
        assertFalse(pairs.codePoints().anyMatch(it -> Character.getType(it) == Character.SURROGATE), pairs);
    }
}
