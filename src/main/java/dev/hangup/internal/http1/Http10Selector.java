package dev.hangup.internal.http1;

import java.util.Set;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.Bytes;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * Helidon's selector of HTTP/1.1, for HTTP/1.0 too. Where the connection is not watched, Helidon then responds with 505.
 *
 * @param delegate Helidon's selector
 */
record Http10Selector(ServerConnectionSelector delegate) implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
        return delegate.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return Http10Requests.isHttp10(data, data.indexOf(Bytes.LF_BYTE)) ? Support.SUPPORTED : delegate.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return delegate.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext ctx) {
        return delegate.connection(ctx);
    }
}
