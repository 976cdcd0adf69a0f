package dev.hangup.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

import dev.hangup.Hangup;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServer;

/**
 * The server of {@link Notice} and {@link Crowd}, whose work blocks until it is interrupted: Hangup, or the floor, which is two
 * virtual threads for each connection and one interrupt: one runs the work, and one reads and interrupts it.
 * <p>
 * When none is running any more, it writes the {@link System#nanoTime()} at which the last was interrupted. On Linux that clock
 * is the same for all processes.
 */
final class NoticingServer {
    /** The work is a call of another server, through a socket that it blocks in. */
    static final String CALL = "/call";
    /** The work sleeps. */
    static final String SLEEP = "/sleep";

    private static final Logger ROOT = Logger.getLogger("");
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final AtomicLong LAST = new AtomicLong(Long.MIN_VALUE);

    private NoticingServer() {
    }

    /**
     * Runs it. It says on which port it listens.
     *
     * @param args {@code hangup} or {@code floor}, the name of the {@link WayToLeave}, and the port of the other server
     */
    public static void main(String[] args) throws IOException {
        ROOT.setLevel(Level.OFF);
        WayToLeave way = WayToLeave.named(args[1]);
        int other = Integer.parseInt(args[2]);
        if (args[0].equals("floor")) {
            runFloor(way.transport(), other);
        } else {
            runHangup(way, other);
        }
    }

    private static void runHangup(WayToLeave way, int other) {
        WebServer server = WebServer.builder()
                .host("localhost")
                .backlog(1024)
                .featuresDiscoverServices(false)
                .addFeature(Hangup.builder().deadline(Duration.ofHours(1)).build())
                .routing(routing -> routing
                        .get(CALL, Hangup.cancellable(request -> {
                            call(other);
                            return "";
                        }))
                        .get(SLEEP, Hangup.cancellable(request -> {
                            sleep();
                            return "";
                        })))
                .update(way::configure)
                .build()
                .start();
        System.out.println(server.port());
    }

    /** Whatever a client sends first is its request; whatever comes next is its departure. */
    private static void runFloor(Transport transport, int other) throws IOException {
        try (ServerSocket server = transport.secure()
                ? Transport.trusting().getServerSocketFactory().createServerSocket()
                : new ServerSocket()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            System.out.println(server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                Thread.startVirtualThread(() -> serve(client, other));
            }
        }
    }

    private static void serve(Socket client, int other) {
        try (client) {
            byte[] bytes = new byte[1024];
            InputStream input = client.getInputStream();
            input.read(bytes);
            Thread work = Thread.startVirtualThread(() -> call(other));
            try {
                input.read(bytes);
            } finally {
                work.interrupt();
            }
        } catch (IOException e) {
            // it has left
        }
    }

    private static void call(int other) {
        RUNNING.incrementAndGet();
        try (Socket call = new Socket(InetAddress.getLoopbackAddress(), other)) {
            call.getOutputStream().write(1);
            call.getInputStream().read();
        } catch (IOException e) {
            // interrupted, which has closed the socket
            ended();
        }
    }

    private static void sleep() {
        RUNNING.incrementAndGet();
        try {
            TimeUnit.HOURS.sleep(1);
        } catch (InterruptedException e) {
            ended();
        }
    }

    private static void ended() {
        LAST.accumulateAndGet(System.nanoTime(), Math::max);
        if (RUNNING.decrementAndGet() == 0) {
            System.out.println(LAST.get());
        }
    }
}
