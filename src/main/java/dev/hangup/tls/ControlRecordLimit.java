package dev.hangup.tls;

import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * Bounds the records without application data that a client may send once the handshake is done: KeyUpdates, alerts of
 * level warning, fragments of handshake messages, empty records.
 * <p>
 * Clients need few of them, and each costs the engine time. A KeyUpdate that requests one in return costs 1.4 KB as well,
 * until the next write sends what it requested. So there are two bounds: on records in a row, whatever is written
 * meanwhile; and on records without a write, whatever data comes between them. OpenSSL, BoringSSL and Go's crypto/tls have the
 * first, of 16 or 32 records; the second is needed because the JDK's engine answers each KeyUpdate, where RFC 8446 (4.6.3)
 * allows a single answer to many.
 * <p>
 * Both are counted in bytes, since the JDK's engine takes a record that holds several KeyUpdates (JDK 25,
 * {@code sun.security.ssl.SSLEngineInputRecord}), which RFC 8446 (5.1) tells it to refuse: 3,276 fit into one.
 */
final class ControlRecordLimit {
    /** 37 KeyUpdates, or one that is padded to 512 bytes. */
    static final int BYTES = 1024;

    /** The bytes since the last application data. Owned by the thread that unwraps. */
    private int inARow;
    /**
     * The bytes since the engine had nothing left to send. The thread that unwraps adds to it, one that wraps clears it; a
     * record that is unwrapped between a wrap and its clearing goes uncounted, but is answered by the next wrap.
     */
    private final AtomicInteger unanswered = new AtomicInteger();

    /** Counts a record; returns whether it is one too many. Called by the thread that unwraps. */
    boolean exceededBy(SSLEngineResult unwrapped) {
        if (unwrapped.bytesProduced() > 0) {
            inARow = 0;
            return false;
        }
        int bytes = unwrapped.bytesConsumed();
        inARow += bytes;
        int owed = unwrapped.getHandshakeStatus() == HandshakeStatus.NEED_WRAP ? unanswered.addAndGet(bytes) : 0;
        return inARow > BYTES || owed > BYTES;
    }

    /** Something was sent. Called by any thread that wraps. */
    void wrapped(SSLEngineResult wrapped) {
        if (unanswered.get() > 0 && wrapped.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            unanswered.set(0);
        }
    }
}
