package dev.hangup.internal.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Map;

import io.helidon.common.socket.SocketOptions;

/**
 * The options of the internal connections.
 * <p>
 * {@code TCP_NODELAY} is set: the end of a TLS handshake and the request after it are small writes, the second of which would wait
 * for an acknowledgement that the peer delays by 40 ms.
 * <p>
 * Keep-alive is set so that a member whose machine or network is lost is noticed, since that closes no connection. Otherwise its
 * waiters would count until {@code gone-after} has passed since their deadlines. Systems that have no such options keep their own
 * times.
 *
 * @param values the values of the options by their names
 */
record ConnectionOptions(Map<String, Integer> values) {
    /** Returns the options with which a silent peer is considered gone after the given time, in whole seconds, at least two. */
    static ConnectionOptions goneAfter(Duration time) {
        int half = (int) Math.max(1, time.toSeconds() / 2);
        int probes = (int) Math.max(1, time.toSeconds() - half);
        return new ConnectionOptions(Map.of("TCP_KEEPIDLE", half, "TCP_KEEPINTERVAL", 1, "TCP_KEEPCOUNT", probes));
    }

    void set(SocketOptions.BuilderBase<?, ?> options) {
        options.tcpNoDelay(true).socketKeepAlive(true);
        try (Socket socket = new Socket()) {
            for (SocketOption<?> option : socket.supportedOptions()) {
                if (values.containsKey(option.name())) {
                    put(option, options);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private void put(SocketOption<?> option, SocketOptions.BuilderBase<?, ?> options) {
        options.putSocketOption((SocketOption<Integer>) option, values.get(option.name()));
    }
}
