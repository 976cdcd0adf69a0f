package dev.hangup.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Keep-alive connections that ask for the same thing again as soon as they have got it. */
final class Load {
    private Load() {
    }

    /** How many answers came in that time. */
    static long run(int port, String path, int connections, long millis) throws InterruptedException {
        byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        LongAdder answers = new LongAdder();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                threads.submit(() -> {
                    ask(port, request, end, answers);
                    return null;
                });
            }
        }
        return answers.sum();
    }

    private static void ask(int port, byte[] request, long end, LongAdder answers) {
        byte[] buffer = new byte[4096];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            InputStream input = socket.getInputStream();
            int expected = 0;
            while (System.nanoTime() < end) {
                socket.getOutputStream().write(request);
                // the answer is always the same: the first tells how long it is
                int got = input.read(buffer);
                if (expected == 0) {
                    expected = length(new String(buffer, 0, got, StandardCharsets.US_ASCII));
                }
                while (got < expected) {
                    got += input.read(buffer);
                }
                answers.increment();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int length(String response) {
        int body = response.indexOf("\r\n\r\n") + 4;
        int header = response.indexOf("Content-Length: ") + "Content-Length: ".length();
        if (!response.startsWith("HTTP/1.1 200")) {
            throw new IllegalStateException(response);
        }
        return body + Integer.parseInt(response.substring(header, response.indexOf('\r', header)));
    }
}
