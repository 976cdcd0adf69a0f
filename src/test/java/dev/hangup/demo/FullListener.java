package dev.hangup.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** Listens, accepts nobody, and has no room for anybody to wait: who connects to it waits for ever. */
final class FullListener implements AutoCloseable {
    private static final int REFUSAL_MILLIS = 200;
    private static final int ENOUGH = 100;

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> waiting = new ArrayList<>();

    FullListener() throws IOException {
        for (int i = 0; i < ENOUGH; i++) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(listener.getLocalSocketAddress(), REFUSAL_MILLIS);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new IOException("There is always room");
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/";
    }

    @Override
    public void close() {
        try {
            for (Socket socket : waiting) {
                socket.close();
            }
            listener.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
