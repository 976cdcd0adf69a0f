package dev.hangup.internal.http1;

import java.util.List;
import java.util.function.BiConsumer;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;

/**
 * Notifies a {@link RequestFraming} of the requests and responses of its connection, including those of routes without Hangup and
 * of refusals. It wraps the configured listener instead of being added to it: given two listeners, Helidon 4.5.0 calls neither
 * ({@code Http1ConnectionListenerUtil.ListFrameListener} overrides nothing).
 */
record FramingListener(BiConsumer<RequestFraming, Headers> framed, Http1ConnectionListener delegate)
        implements Http1ConnectionListener {
    /** Returns a configuration with listeners for watched connections. */
    static Http1Config in(Http1Config config) {
        return Http1Config.builder(config)
                // these are the headers of every request that Helidon reads, and of every response that it writes; they can
                // still be changed
                .receiveListeners(List.of(new FramingListener((it, headers) -> it.requested((WritableHeaders<?>) headers),
                                                              config.compositeReceiveListener())))
                .sendListeners(List.of(new FramingListener((it, headers) -> it.responding((ServerResponseHeaders) headers),
                                                           config.compositeSendListener())))
                .build();
    }

    @Override
    public void headers(ConnectionContext ctx, Headers headers) {
        if (ctx instanceof Http1Context http1) {
            framed.accept(http1.framing(), headers);
        }
        delegate.headers(ctx, headers);
    }

    @Override
    public void prologue(ConnectionContext ctx, HttpPrologue prologue) {
        if (ctx instanceof Http1Context http1) {
            http1.framing().requested(prologue.method());
        }
        delegate.prologue(ctx, prologue);
    }

    @Override
    public void status(ConnectionContext ctx, Status status) {
        if (ctx instanceof Http1Context http1) {
            http1.framing().responding(status);
        }
        delegate.status(ctx, status);
    }

    @Override
    public void data(ConnectionContext ctx, BufferData data) {
        delegate.data(ctx, data);
    }

    @Override
    public void data(ConnectionContext ctx, byte[] data, int position, int length) {
        delegate.data(ctx, data, position, length);
    }
}
