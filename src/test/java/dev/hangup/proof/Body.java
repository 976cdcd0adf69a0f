package dev.hangup.proof;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * The body of a request, and how it is framed.
 *
 * @param framing how it is framed
 * @param bytes   without the framing
 * @param framed  as they are sent
 */
record Body(Framing framing, byte[] bytes, byte[] framed) {
    /** How a body is framed. */
    enum Framing {
        NONE(""),
        LENGTH("Content-Length: %d\r\n"),
        CHUNKED("Transfer-Encoding: chunked\r\n"),
        /**
         * With extensions or a trailer, which Helidon 4.4 does not take. It may not answer, and may take the rest for a
         * request: only for the last request of a connection.
         */
        EXTENDED("Transfer-Encoding: chunked\r\n");

        private final String header;

        Framing(String header) {
            this.header = header;
        }
    }

    static Body of(Framing framing, int length, Random random, String looksLike) {
        byte[] bytes = new byte[framing == Framing.NONE ? 0 : length];
        random.nextBytes(bytes);
        if (framing != Framing.EXTENDED && random.nextInt(3) == 0) {
            byte[] text = looksLike.getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = text[i % text.length];
            }
        }
        return new Body(framing, bytes, switch (framing) {
            case NONE, LENGTH -> bytes;
            case CHUNKED, EXTENDED -> inChunks(bytes, framing == Framing.EXTENDED, random);
        });
    }

    String header() {
        return framing.header.formatted(bytes.length);
    }

    boolean malformed() {
        return framing == Framing.EXTENDED;
    }

    private static byte[] inChunks(byte[] bytes, boolean extended, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean trailer = extended && random.nextBoolean();
        int most = 1 + random.nextInt(random.nextBoolean() ? 20 : 1 + bytes.length);
        for (int at = 0; at < bytes.length;) {
            int size = Math.min(bytes.length - at, 1 + random.nextInt(most));
            String hex = Integer.toHexString(size);
            say(out, random.nextInt(3) == 0 ? "0" + hex.toUpperCase() : hex);
            say(out, extended && !trailer ? ";a=\"b;c\"\r\n" : "\r\n");
            out.write(bytes, at, size);
            say(out, "\r\n");
            at += size;
        }
        say(out, extended && !trailer ? "0;end\r\n\r\n" : trailer ? "0\r\nX-Trailer: a\r\n\r\n" : "0\r\n\r\n");
        return out.toByteArray();
    }

    private static void say(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
