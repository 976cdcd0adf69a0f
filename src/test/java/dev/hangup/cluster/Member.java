package dev.hangup.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.Processes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

/** A member of a cluster in a process of its own, and what it writes. */
record Member(Process process, Trail output) implements AutoCloseable {
    private static final String VIEW = "Members of the cluster hangup: ";

    /**
     * Starts it.
     *
     * @param prefix    of the command line, such as one that chooses a network
     * @param options   of the JVM
     * @param arguments of {@link ReplicaMain}
     */
    static Member start(List<String> prefix, List<String> options, List<String> arguments) {
        ProcessBuilder builder = ChildJvm.running(ReplicaMain.class, options, arguments.toArray(String[]::new))
                .redirectErrorStream(true);
        builder.command().addAll(0, prefix);
        try {
            Member member = new Member(builder.start(), new Trail());
            BufferedReader lines = member.process.inputReader();
            Thread.startVirtualThread(() -> lines.lines().forEach(member.output::add));
            return member;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the last view of this member has so many members. */
    void awaitView(int members) {
        Pattern wanted = Pattern.compile(VIEW + "[^\\s,]+" + ", [^\\s,]+".repeat(members - 1) + ";");
        Await.untilBegun(members + " members", () -> output.events().stream()
                .filter(line -> line.contains(VIEW))
                .reduce((one, later) -> later)
                .filter(line -> wanted.matcher(line).find())
                .isPresent());
    }

    int port() {
        Await.untilBegun("it listens", () -> output.events().stream().anyMatch(it -> it.startsWith("port ")));
        return Integer.parseInt(output.events().stream().filter(it -> it.startsWith("port ")).findFirst().orElseThrow()
                                        .substring("port ".length()));
    }

    RawClient get(String key) {
        return RawClient.connect(port()).get("/work/" + key);
    }

    /** Over a route with a deadline of one second, whose requests share the computations of the other route. */
    RawClient getHurriedly(String key) {
        return RawClient.connect(port()).get("/hurried/" + key);
    }

    /** How often it has begun to compute a key. */
    int computed(String key) {
        return (int) output.events().stream().filter(("computing " + key)::equals).count();
    }

    boolean has(String line) {
        return output.events().contains(line);
    }

    /** How many requests wait on it, those of other members among them. */
    int waiting() {
        try (RawClient client = RawClient.connect(port()).get("/waiting")) {
            return Integer.parseInt(client.read().text());
        }
    }

    /** Lets computations end that last until then. */
    void release() {
        try (RawClient client = RawClient.connect(port()).get("/release")) {
            client.read();
        }
    }

    void signal(String name) {
        Processes.signal(process.pid(), name);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
