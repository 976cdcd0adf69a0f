package dev.hangup.internal.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Map;

import io.helidon.common.socket.SocketOptions;

/**
 * TCP keep-alive with times that notice a member whose machine or network is gone, which closes no connection: otherwise its
 * waiters would be taken for waiting until their deadlines. Systems that have no such options keep their own times.
 *
 * @param seconds the values of the options by their names
 */
record KeepAlive(Map<String, Integer> seconds) {
    /** Returns the options with which a silent peer is taken for gone after that time, in whole seconds and two at least. */
    static KeepAlive within(Duration time) {
        int half = (int) Math.max(1, time.toSeconds() / 2);
        int probes = (int) Math.max(1, time.toSeconds() - half);
        return new KeepAlive(Map.of("TCP_KEEPIDLE", half, "TCP_KEEPINTERVAL", 1, "TCP_KEEPCOUNT", probes));
    }

    void set(SocketOptions.Builder options) {
        options.socketKeepAlive(true);
        try (Socket socket = new Socket()) {
            for (SocketOption<?> option : socket.supportedOptions()) {
                if (seconds.containsKey(option.name())) {
                    put(option, options);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private void put(SocketOption<?> option, SocketOptions.Builder options) {
        options.putSocketOption((SocketOption<Integer>) option, seconds.get(option.name()));
    }
}
