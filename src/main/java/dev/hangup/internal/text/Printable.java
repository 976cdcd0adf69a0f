package dev.hangup.internal.text;

/**
 * Text in a form that is safe to show in logs, thread names, events, labels and headers, whoever has written it.
 * <p>
 * Characters that a reader would not see, or that change what others look like, are replaced by their escapes, as in Java
 * sources: controls (line breaks and the escape that begins a terminal's commands among them), bidirectional overrides and
 * isolates and all other format characters, separators of lines and paragraphs, surrogates without a partner, and code points
 * that are unassigned or for private use. Letters, marks, digits and symbols of all scripts stay as they are. The escapes are
 * for readers, not for programs: a backslash that was there before looks the same.
 * <p>
 * The length is bounded. Of text that is longer the beginning is shown, followed by three dots.
 */
public final class Printable {
    /** How many characters a word has at most. */
    public static final int MAX_WORD = 200;
    /** How many characters a line has at most. */
    public static final int MAX_LINE = 1000;

    private static final String CUT = "...";

    private Printable() {
    }

    /**
     * Text as a word without spaces: what stands between two spaces of a log's line cannot pretend to be the next field.
     *
     * @param text any text
     * @return the same object if nothing of it has to be replaced; at most {@value #MAX_WORD} characters
     */
    public static String word(String text) {
        return shown(text, MAX_WORD, false);
    }

    /**
     * Text as one line, which may have spaces in it.
     *
     * @param text any text
     * @return the same object if nothing of it has to be replaced; at most {@value #MAX_LINE} characters
     */
    public static String line(String text) {
        return shown(text, MAX_LINE, true);
    }

    private static String shown(String text, int max, boolean spaces) {
        return text.length() <= max && isPlain(text, spaces) ? text : escaped(text, max, spaces);
    }

    /** Nearly all text is, and then nothing is copied. */
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
        // the longest beginning that leaves room for the dots
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
        default -> true;
        };
    }

    private static void escape(StringBuilder shown, int codePoint) {
        for (char c : Character.toChars(codePoint)) {
            String digits = Integer.toHexString(c);
            shown.append("\\u").append("0000", digits.length(), 4).append(digits);
        }
    }
}
