package dev.hangup.tls;

import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

import io.helidon.common.buffers.DataReader;

/**
 * A server's engine that never asks who unwraps to wrap, nor who wraps to unwrap.
 * <p>
 * An engine may be wrapped by one thread and unwrapped by another at the same time. Helidon's socket around it
 * ({@code TlsNioSocket} of 4.5.0) reads in vain meanwhile: when {@link #unwrap} reports that something is to be sent, or that
 * the client has sent close_notify, the reader sends that at once, and waits for the lock of a writer that the client may keep
 * blocked. It does not see the client leave then. A writer that is asked to unwrap becomes a second reader. So once the
 * handshake is done, this engine asks for neither:
 * <ul>
 * <li>The answer to a KeyUpdate stays in the engine until the next {@link #wrap}, which sends it before all else. That
 * is as early as it has to be (RFC 8446, 4.6.3). {@link ControlRecordLimit} bounds how many may wait; a client that sends
 * more loses the connection.</li>
 * <li>A close_notify ends the reading like an end of the connection. Its answer under TLS 1.2 is sent by the next wrap,
 * which reports that the engine is closed.</li>
 * <li>A renegotiation (TLS 1.2) would need both directions at once. It is refused, and the connection ends.</li>
 * </ul>
 * A client's engine is left as it is.
 */
final class FullDuplexEngine extends DelegatingEngine {
    /** The handshake is done. Written by the thread that did it, before another one uses the engine. */
    private volatile boolean established;
    /** From now on whoever wraps sends what there is, until the engine says that it is closed. */
    private volatile boolean closing;
    private final ControlRecordLimit controlRecords = new ControlRecordLimit();
    /** The client has exceeded the limit. Written by the thread that unwraps, read by those that wrap. */
    private volatile boolean exceeded;

    FullDuplexEngine(SSLEngine delegate) {
        super(delegate);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) throws SSLException {
        boolean duplex = established;
        SSLEngineResult result = super.unwrap(source, targets, offset, length);
        if (!duplex) {
            return observed(result);
        }
        if (result.getStatus() == Status.CLOSED) {
            // Helidon's socket takes this for the connection's end, which it does not answer
            throw new DataReader.InsufficientDataAvailableException();
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            throw new SSLException("Renegotiation is not supported");
        }
        if (controlRecords.exceededBy(result)) {
            exceeded = true;
            // a failure, not the end of the stream, which may be a client that still waits for its response
            throw new SSLException("Too many records without application data");
        }
        return quiet(result);
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
        boolean duplex = established;
        if (exceeded) {
            // what waits may be thousands of records, for a client that need not read any of them
            throw new SSLException("The connection has ended");
        }
        SSLEngineResult result = super.wrap(sources, offset, length, target);
        if (!duplex) {
            return observed(result);
        }
        controlRecords.wrapped(result);
        return closing ? result : quiet(result);
    }

    @Override
    public void closeOutbound() {
        closing = true;
        super.closeOutbound();
    }

    private SSLEngineResult observed(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED && !getUseClientMode()) {
            established = true;
        }
        return result;
    }

    private static SSLEngineResult quiet(SSLEngineResult result) {
        return new SSLEngineResult(result.getStatus(), HandshakeStatus.NOT_HANDSHAKING,
                                   result.bytesConsumed(), result.bytesProduced());
    }
}
