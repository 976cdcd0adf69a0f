package dev.hangup.tls;

import java.nio.ByteBuffer;
import java.util.Arrays;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

import io.helidon.common.buffers.DataReader;

/**
 * A server's engine that never asks an unwrapping thread to wrap, nor a wrapping thread to unwrap.
 * <p>
 * One thread may call wrap while another calls unwrap. Helidon's socket ({@code TlsNioSocket} of 4.5.0) does not benefit from
 * that. If {@link #unwrap} reports that data must be sent, or that the client has sent close_notify, the reader sends at once.
 * For that it waits for the lock of a writer, which a slow client may keep blocked. Meanwhile it does not notice a disconnect.
 * A writer that is asked to unwrap becomes a second reader. After the handshake, this engine therefore asks for neither:
 * <ul>
 * <li>The response to a KeyUpdate stays in the engine until the next {@link #wrap}, which sends it before all else. RFC 8446
 * (4.6.3) does not require it earlier. {@link ControlRecordLimit} bounds how many may wait; if a client exceeds it, the
 * connection is closed.</li>
 * <li>A close_notify ends reading like the end of the connection. Under TLS 1.2, the next wrap sends the response, and reports
 * that the engine is closed; a wrap of data fails, so that the data is not assumed to have been written.</li>
 * <li>A renegotiation (TLS 1.2) would need both directions at once. It is refused, and the connection ends.</li>
 * </ul>
 * A client's engine behaves unchanged.
 */
final class FullDuplexEngine extends DelegatingEngine {
    /** The handshake is done. Written by the thread that did it, before another one uses the engine. */
    private volatile boolean established;
    /** From now on, a wrap sends pending data until the engine reports that it is closed. */
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
            // Helidon's socket treats this as the end of the connection, to which it does not respond
            throw new DataReader.InsufficientDataAvailableException();
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            throw new SSLException("Renegotiation is not supported");
        }
        if (controlRecords.exceededBy(result)) {
            exceeded = true;
            // a failure, not the end of the stream, after which a client may still wait for its response
            throw new SSLException("Too many records without application data");
        }
        return quiet(result);
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) throws SSLException {
        boolean duplex = established;
        if (exceeded) {
            // thousands of records may be pending for a client that reads none of them
            throw new SSLException("The connection has ended");
        }
        SSLEngineResult result = super.wrap(sources, offset, length, target);
        if (!duplex) {
            return observed(result);
        }
        controlRecords.wrapped(result);
        if (result.getStatus() == Status.CLOSED
                && Arrays.stream(sources, offset, offset + length).anyMatch(ByteBuffer::hasRemaining)) {
            // Helidon's socket would drop the data silently (TlsNioSocket.doWrite of 4.5.0)
            throw new SSLException("The connection is closed");
        }
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
