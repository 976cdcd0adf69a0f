package dev.hangup.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a JVM of its own that may have few files open, and the clients that take all of them. */
public final class ScarceJvm implements AutoCloseable {
    private static final int DESCRIPTORS = 400;
    private static final int CLIENTS = 900;
    private static final int CONNECT_MILLIS = 1000;

    private final Process process;
    private final Trail output = new Trail();
    private final List<Socket> clients = new ArrayList<>();

    private ScarceJvm(Process process) {
        this.process = process;
        BufferedReader reader = process.inputReader();
        Thread.startVirtualThread(() -> {
            reader.lines().forEach(output::add);
            output.add("ended");
        });
    }

    /** Starts it. */
    public static ScarceJvm start(Class<?> main, String... options) throws IOException {
        ProcessBuilder jvm = ChildJvm.running(main, List.of(options)).redirectErrorStream(true);
        jvm.command().addAll(0, List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + "; exec \"$@\"", "sh"));
        return new ScarceJvm(jvm.start());
    }

    /** What it writes, line by line, and its end. */
    public Trail output() {
        return output;
    }

    /** The number in the first line of a form; waits for it. */
    public int number(Pattern line) {
        Await.untilBegun(line + " in " + output.events(), () -> output.events().contains("ended") || found(line).size() > 0);
        return found(line).getFirst();
    }

    private List<Integer> found(Pattern line) {
        return output.events().stream()
                .map(line::matcher)
                .filter(Matcher::find)
                .map(it -> Integer.parseInt(it.group(1)))
                .toList();
    }

    /** Connects more clients than it may have files, every other one with a request, for as long as it listens. */
    public void flood(int port, String path) {
        byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket();
                clients.add(client);
                client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
                if (i % 2 == 0) {
                    client.getOutputStream().write(request);
                }
            }
        } catch (IOException e) {
            output.add("no more clients: " + e);
        }
    }

    /** All clients leave. */
    public void ebb() {
        for (Socket client : clients) {
            try {
                client.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** As Ctrl-C in its terminal does, by a signal that a process in the background does not ignore. */
    public void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid())).inheritIO().start().waitFor();
    }

    /** Waits until it has ended by itself. */
    public int exitCode() {
        output.await("ended");
        return process.onExit().join().exitValue();
    }

    @Override
    public void close() {
        ebb();
        process.destroyForcibly();
        process.onExit().join();
    }
}
