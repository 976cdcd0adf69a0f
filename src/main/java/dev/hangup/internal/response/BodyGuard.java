package dev.hangup.internal.response;

import java.io.IOException;
import java.io.InterruptedIOException;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.ReadGuard;
import dev.hangup.internal.connection.RequestOverException;

/**
 * Guards the body of a request that the work of a race reads.
 * <p>
 * A thread that the work has left behind cannot read it once the work has ended ({@link Exchange#mayRead}).
 * <p>
 * Nor can cancelled work. When a thread that waits for more of an HTTP/2 body is interrupted, Helidon 4.5.0 reports the end of
 * the body and swallows the interrupt ({@code Http2ServerStream.readEntityFromPipeline}). Cancelled work must not mistake the part
 * that it has read for the whole body and continue. In HTTP/1.1 the same applies to a body whose client waits for {@code 100
 * Continue}: once the response is sent, Helidon treats the body as empty ({@code Http1ServerRequestWithEntity.reset}).
 *
 * @param view       shows whether the response was revoked, which precedes the interrupt of the work
 * @param exchange   knows whether work is running
 * @param responding the only thread that may read once the work has ended or is cancelled, to discard the rest
 */
public record BodyGuard(ResponseView view, Exchange exchange, Thread responding) implements ReadGuard {
    @Override
    public void begins() throws IOException {
        if (!exchange.mayRead(responding)) {
            throw new RequestOverException();
        }
    }

    @Override
    public void ends() {
        exchange.hasRead();
    }

    @Override
    public void ensureWanted(boolean mayWait) throws IOException {
        if (!view.attached() && Thread.currentThread() != responding) {
            if (mayWait) {
                Thread.currentThread().interrupt();
            }
            throw new InterruptedIOException("The request is over");
        }
    }
}
