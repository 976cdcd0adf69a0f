package dev.hangup.tls;

import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

import org.junit.jupiter.api.Test;

import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_WRAP;
import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is counted as a record without application data, and until when. */
class ControlRecordLimitTest {
    /** An empty record of TLS 1.2, which its engine takes. */
    private static final int EMPTY = 29;
    private static final int ALLOWED = ControlRecordLimit.BYTES / EMPTY;

    private final ControlRecordLimit limit = new ControlRecordLimit();

    @Test
    void recordsInARowAreBoundedWhateverIsWritten() {
        allowed(NOT_HANDSHAKING);
        limit.wrapped(result(0, 100, NOT_HANDSHAKING));
        assertTrue(limit.exceededBy(result(EMPTY, 0, NOT_HANDSHAKING)));
    }

    @Test
    void dataEndsARow() {
        allowed(NOT_HANDSHAKING);
        assertFalse(limit.exceededBy(result(EMPTY + 1, 1, NOT_HANDSHAKING)));
        allowed(NOT_HANDSHAKING);
    }

    @Test
    void onlyAWriteOfAllThatWaitsAnswers() {
        allowed(NEED_WRAP);
        limit.wrapped(result(0, 100, NEED_WRAP));
        assertFalse(limit.exceededBy(result(EMPTY + 1, 1, NEED_WRAP)));
        assertTrue(limit.exceededBy(result(EMPTY, 0, NEED_WRAP)));
    }

    @Test
    void dataWhileAnAnswerWaitsIsNotCounted() {
        for (int i = 0; i < 10 * ALLOWED; i++) {
            assertFalse(limit.exceededBy(result(EMPTY + 1, 1, NEED_WRAP)));
        }
    }

    @Test
    void partsOfRecordsAreNotCounted() {
        for (int i = 0; i < 10 * ALLOWED; i++) {
            assertFalse(limit.exceededBy(new SSLEngineResult(Status.BUFFER_UNDERFLOW, NOT_HANDSHAKING, 0, 0)));
        }
    }

    private void allowed(HandshakeStatus status) {
        for (int i = 0; i < ALLOWED; i++) {
            assertFalse(limit.exceededBy(result(EMPTY, 0, status)));
        }
    }

    private static SSLEngineResult result(int consumed, int produced, HandshakeStatus status) {
        return new SSLEngineResult(Status.OK, status, consumed, produced);
    }
}
