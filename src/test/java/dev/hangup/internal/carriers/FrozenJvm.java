package dev.hangup.internal.carriers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

/** The JVM of a {@link FrozenServer}, with two carriers unless options say otherwise, as seen from the tests. */
final class FrozenJvm implements AutoCloseable {
    /** Whether its guard is on; {@code -Dhangup.carrier-guard=false} switches it off, so that tests can be seen failing. */
    static final boolean GUARDED = !"false".equals(System.getProperty("hangup.carrier-guard"));
    private static final String PORT = "port ";

    private final Trail trail = new Trail();
    private final Transport transport;
    private final Process process;
    private final int port;

    private FrozenJvm(Transport transport, Process process) {
        this.transport = transport;
        this.process = process;
        follow(process.getInputStream());
        follow(process.getErrorStream());
        Await.untilBegun("it says where it listens", () -> count(PORT) > 0);
        this.port = trail.events().stream()
                .filter(line -> line.startsWith(PORT))
                .mapToInt(line -> Integer.parseInt(line.substring(PORT.length())))
                .findFirst()
                .orElseThrow();
    }

    static FrozenJvm start(String... options) {
        return start(Transport.CLEAR, GUARDED, options);
    }

    static FrozenJvm start(Transport transport, boolean guarded, String... options) {
        List<String> line = new ArrayList<>(List.of("-Djdk.virtualThreadScheduler.parallelism=2", "-Dcarrier-guard=" + guarded));
        line.addAll(List.of(options));
        try {
            return new FrozenJvm(transport, ChildJvm.running(FrozenServer.class, line, transport.name()).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it says and logs, line by line. */
    Trail trail() {
        return trail;
    }

    int port() {
        return port;
    }

    RawClient connect() {
        return transport.connect(port);
    }

    /** Waits until the JVM has warmed up, and its guard has nothing to do: to load classes holds carriers too. */
    void settle() {
        try (RawClient client = connect()) {
            for (int i = 0; i < 200; i++) {
                client.get("/trivial").read();
                client.get("/loop?seconds=0").read();
            }
        }
        Await.untilBegun("the guard is at rest", () -> state().carriers() == 2
                && count("carriers-added") == count("carriers-over"));
    }

    private long count(String word) {
        return trail.events().stream().filter(line -> line.contains(word)).count();
    }

    /** What its guard says of itself. */
    State state() {
        try (RawClient client = connect()) {
            String[] words = client.get("/guard").read().text().split(" ");
            return new State(Integer.parseInt(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]),
                             Long.parseLong(words[3]), Integer.parseInt(words[4]), Long.parseLong(words[5]));
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    private void follow(InputStream said) {
        Thread.ofPlatform().daemon().start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(said))) {
                lines.lines().forEach(trail::add);
            } catch (IOException | UncheckedIOException e) {
                trail.add("no more to read: " + e);
            }
        });
    }

    /**
     * What a guard says of itself, in answer to a request.
     *
     * @param carriers     how many there may be; -1 without a guard
     * @param waits        how often its thread has waited
     * @param cpuNanos     CPU time of its thread
     * @param inFlight     requests in flight, with that one
     * @param parallelism  the scheduler's
     * @param frozenMillis for how long no virtual thread came to run
     */
    record State(int carriers, long waits, long cpuNanos, long inFlight, int parallelism, long frozenMillis) {
    }
}
