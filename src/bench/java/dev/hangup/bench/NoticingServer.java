package dev.hangup.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;

import dev.hangup.Hangup;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServer;

/**
 * The server of {@link Notice} and {@link Crowd}, whose work blocks until it is interrupted: Hangup, or the floor, which is two
 * virtual threads and one interrupt: one runs the work, and one reads from the client and interrupts it.
 * <p>
 * When none is running any more, it writes the {@link System#nanoTime()} at which the last was interrupted. On Linux that clock
 * is the same for all processes.
 */
final class NoticingServer {
    /** The work is a call of another server, through a socket that it blocks in. */
    static final String CALL = "/call";
    /** The work sleeps. */
    static final String SLEEP = "/sleep";

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /** The last four bytes of a request without a body. */
    private static final int END_OF_HEAD = 0x0d0a0d0a;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final Logger ROOT = Logger.getLogger("");
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final AtomicLong LAST = new AtomicLong(Long.MIN_VALUE);

    private NoticingServer() {
    }

    /**
     * Runs it. Prints the port that it listens on, and exits when its standard input ends.
     *
     * @param args {@code hangup} or {@code floor}, the name of the {@link WayToLeave}, and the port of the other server, or 0
     */
    public static void main(String[] args) throws IOException {
        ROOT.setLevel(Level.OFF);
        WayToLeave way = WayToLeave.named(args[1]);
        int other = Integer.parseInt(args[2]);
        Thread.ofPlatform().daemon().start(NoticingServer::endWithInput);
        if (args[0].equals("floor")) {
            runFloor(way.transport(), other);
        } else {
            runHangup(way, other);
        }
    }

    private static void endWithInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // as the end of the input
        }
        System.exit(0);
    }

    private static void runHangup(WayToLeave way, int other) {
        WebServer server = WebServer.builder()
                .host("localhost")
                .backlog(1024)
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                // without this, a ticket of TLS delays what comes next until it is acknowledged
                .connectionOptions(it -> it.tcpNoDelay(true))
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

    private static void runFloor(Transport transport, int other) throws IOException {
        try (ServerSocket server = transport.secure()
                ? Transport.trusting().getServerSocketFactory().createServerSocket()
                : new ServerSocket()) {
            if (server instanceof SSLServerSocket secure) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
                secure.setSSLParameters(parameters);
            }
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            System.out.println(server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                client.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> serve(client, other));
            }
        }
    }

    private static void serve(Socket client, int other) {
        Map<Integer, Thread> works = new HashMap<>();
        try (client) {
            DataInputStream input = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            if (input.readByte() == PREFACE.charAt(0)) {
                input.skipNBytes(PREFACE.length() - 1);
                readFrames(input, works, other);
            } else {
                skipHead(input);
                works.put(0, Thread.startVirtualThread(() -> work(other)));
                // whatever comes next is the client's departure
                input.read();
            }
        } catch (IOException e) {
            // the client has left
        } finally {
            works.values().forEach(Thread::interrupt);
        }
    }

    private static void skipHead(DataInputStream input) throws IOException {
        for (int last = 0; last != END_OF_HEAD;) {
            last = last << Byte.SIZE | input.readUnsignedByte();
        }
    }

    private static void readFrames(DataInputStream input, Map<Integer, Thread> works, int other) throws IOException {
        while (true) {
            int lengthAndType = input.readInt();
            input.readByte();
            int stream = input.readInt();
            input.skipNBytes(lengthAndType >>> 8);
            switch (lengthAndType & 0xff) {
            case HEADERS -> works.put(stream, Thread.startVirtualThread(() -> work(other)));
            case RST_STREAM -> Optional.ofNullable(works.remove(stream)).ifPresent(Thread::interrupt);
            default -> { }
            }
        }
    }

    private static void work(int other) {
        if (other == 0) {
            sleep();
        } else {
            call(other);
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
