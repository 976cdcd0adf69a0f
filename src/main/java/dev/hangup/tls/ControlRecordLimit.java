package dev.hangup.tls;

import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * Bounds the records without application data that a client may send once the handshake is done: KeyUpdates, alerts of
 * level warning, fragments of handshake messages, empty records.
 * <p>
 * Clients need few of these records, and each costs the engine time. A KeyUpdate that requests one in return also takes 1.4 KB
 * of memory until the next write sends the response. There are two bounds. The first limits consecutive records, even if the
 * server writes meanwhile. The second limits records between two writes, even if data comes between them. OpenSSL, BoringSSL
 * and Go's crypto/tls have the first bound, of 16 or 32 records. The second is needed because the JDK's engine responds to each
 * KeyUpdate, although RFC 8446 (4.6.3) allows one response to many.
 * <p>
 * Both bounds are in bytes, since the JDK's engine accepts several KeyUpdates in one record (JDK 25,
 * {@code sun.security.ssl.SSLEngineInputRecord}), up to 3,276. RFC 8446 (5.1) requires it to refuse such records.
 */
final class ControlRecordLimit {
    /** Room for 37 KeyUpdates, or for one that is padded to 512 bytes. */
    static final int BYTES = 1024;

    /** The bytes since the last application data. Owned by the thread that unwraps. */
    private int consecutive;
    /**
     * The bytes since the engine last had nothing left to send. The unwrapping thread adds to it, and a wrapping thread clears
     * it. A record that is unwrapped between a wrap and the clearing is not counted, but the next wrap sends its response.
     */
    private final AtomicInteger pending = new AtomicInteger();

    /** Counts a record; returns whether it exceeds the limit. Called by the unwrapping thread. */
    boolean exceededBy(SSLEngineResult unwrapped) {
        if (unwrapped.bytesProduced() > 0) {
            consecutive = 0;
            return false;
        }
        int bytes = unwrapped.bytesConsumed();
        consecutive += bytes;
        int owed = unwrapped.getHandshakeStatus() == HandshakeStatus.NEED_WRAP ? pending.addAndGet(bytes) : 0;
        return consecutive > BYTES || owed > BYTES;
    }

    /** Records a wrap. Called by any wrapping thread. */
    void wrapped(SSLEngineResult wrapped) {
        if (pending.get() > 0 && wrapped.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            pending.set(0);
        }
    }
}
