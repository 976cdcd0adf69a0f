package dev.hangup.internal.text;

/**
 * Text in a form that is safe to show in logs, thread names, events, labels and headers, whatever its origin.
 * <p>
 * Invisible characters, and characters that change the appearance of others, are replaced by escapes as in Java source: controls
 * (line breaks and the escape that begins a terminal's commands among them), bidirectional overrides and isolates and all other
 * format characters, separators of lines and paragraphs, surrogates without a partner, code points that are unassigned or for
 * private use, and blank letters, marks and symbols, such as the fillers of Hangul and variation selectors. All other letters,
 * marks, digits and symbols of all scripts stay as they are. The escapes are for human readers, not for programs: a backslash of
 * the original text is not escaped.
 * <p>
 * The length is bounded. Longer text is cut, and three dots are appended.
 */
public final class Printable {
    /** The maximum number of characters of a word. */
    public static final int MAX_WORD = 200;
    /** The maximum number of characters of a line. */
    public static final int MAX_LINE = 1000;

    private static final String CUT = "...";

    private Printable() {
    }

    /**
     * Returns text as a word without spaces, so that the text cannot imitate another field of a log line: at most {@value
     * #MAX_WORD} characters; the same object if nothing had to be replaced.
     */
    public static String word(String text) {
        return shown(text, MAX_WORD, false);
    }

    /**
     * Returns text as one line, which may contain spaces: at most {@value #MAX_LINE} characters; the same object if nothing had to
     * be replaced.
     */
    public static String line(String text) {
        return shown(text, MAX_LINE, true);
    }

    /** Returns a thread's number and name, as in thread dumps. An application may have named it after what a client sent. */
    public static String thread(Thread thread) {
        String id = "#" + thread.threadId();
        return thread.getName().isEmpty() ? id : id + " " + line(thread.getName());
    }

    private static String shown(String text, int max, boolean spaces) {
        return text.length() <= max && isPlain(text, spaces) ? text : escaped(text, max, spaces);
    }

    /** Whether nothing must be replaced. This is true for nearly all text, which is then not copied. */
    private static boolean isPlain(String text, boolean spaces) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' ? c != ' ' || !spaces : c > '~') {
                return false;
            }
        }
        return true;
    }

    private static String escaped(String text, int max, boolean spaces) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), max) + 16);
        // the longest prefix that leaves room for the dots
        int fits = 0;
        int codePoint;
        for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
            codePoint = text.codePointAt(i);
            if (isVisible(codePoint, spaces)) {
                shown.appendCodePoint(codePoint);
            } else {
                escape(shown, codePoint);
            }
            if (shown.length() > max) {
                return shown.replace(fits, shown.length(), CUT).toString();
            }
            if (shown.length() <= max - CUT.length()) {
                fits = shown.length();
            }
        }
        return shown.toString();
    }

    private static boolean isVisible(int codePoint, boolean spaces) {
        return switch (Character.getType(codePoint)) {
        case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
        case Character.SPACE_SEPARATOR -> spaces;
        default -> !isBlank(codePoint);
        };
    }

    /** Whether a letter, mark or symbol is invisible. Most of these are default-ignorable code points of Unicode. */
    private static boolean isBlank(int codePoint) {
        return switch (codePoint) {
        // fillers of Hangul
        case 0x115f, 0x1160, 0x3164, 0xffa0 -> true;
        // the grapheme joiner, and inherent vowels of Khmer
        case 0x34f, 0x17b4, 0x17b5 -> true;
        // the empty pattern of Braille, blanks of hieroglyphs, and a note without a head
        case 0x2800, 0x13441, 0x13442, 0x1d159 -> true;
        // variation selectors of Mongolian
        case 0x180b, 0x180c, 0x180d, 0x180f -> true;
        // all other variation selectors
        default -> codePoint >= 0xfe00 && codePoint <= 0xfe0f || codePoint >= 0xe0100 && codePoint <= 0xe01ef;
        };
    }

    private static void escape(StringBuilder shown, int codePoint) {
        for (char c : Character.toChars(codePoint)) {
            String digits = Integer.toHexString(c);
            shown.append("\\u").append("0000", digits.length(), 4).append(digits);
        }
    }
}
