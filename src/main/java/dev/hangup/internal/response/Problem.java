package dev.hangup.internal.response;

import java.nio.charset.StandardCharsets;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;

/** A JSON problem (RFC 9457) on one line. Written by hand, since the library asks for no JSON library. */
final class Problem {
    static final Header CONTENT_TYPE = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

    private Problem() {
    }

    /**
     * @param detail our own words: nothing that a client sent, nothing to escape
     */
    static byte[] of(Status status, String detail) {
        return ("{\"type\":\"about:blank\",\"title\":\"" + status.reasonPhrase() + "\",\"status\":" + status.code()
                + ",\"detail\":\"" + detail + "\"}\n").getBytes(StandardCharsets.UTF_8);
    }
}
