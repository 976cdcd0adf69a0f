package dev.hangup.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.hangup.testing.Transport;

/**
 * The {@link FloorServer} with Hangup, and two without.
 *
 * @param plain  without Hangup
 * @param same   the same once more, for A/A pairs
 * @param hangup with Hangup
 * @param before with an earlier state of Hangup, if there is one to compare with
 */
record FloorServers(ServerProcess plain, ServerProcess same, ServerProcess hangup, Optional<ServerProcess> before)
        implements AutoCloseable {
    static FloorServers start(Transport transport) throws IOException, InterruptedException {
        String classes = System.getProperty("benchmark.before", "");
        return new FloorServers(start(false, transport), start(false, transport), start(true, transport),
                                classes.isEmpty() ? Optional.empty() : Optional.of(startBefore(Path.of(classes), transport)));
    }

    private static ServerProcess start(boolean hangup, Transport transport) throws IOException, InterruptedException {
        return ServerProcess.start(FloorServer.class, String.valueOf(hangup), transport.name());
    }

    private static ServerProcess startBefore(Path classes, Transport transport) throws IOException, InterruptedException {
        return ServerProcess.startBefore(classes, FloorServer.class, "true", transport.name());
    }

    /** What they answer, with what it is to be compared with. */
    List<Comparison.Target> targets() {
        Comparison.Target bare = new Comparison.Target("bare", plain, FloorServer.BARE, null);
        Comparison.Target floor = new Comparison.Target("floor", plain, FloorServer.FORKED, bare);
        List<Comparison.Target> targets = new ArrayList<>(List.of(
                bare,
                new Comparison.Target("A/A: bare", same, FloorServer.BARE, bare),
                new Comparison.Target("bare route, server with Hangup", hangup, FloorServer.BARE, bare),
                floor,
                new Comparison.Target("A/A: floor", same, FloorServer.FORKED, floor),
                new Comparison.Target("route under Hangup", hangup, FloorServer.HANGUP, floor)));
        before.ifPresent(server -> {
            targets.add(new Comparison.Target("bare route, before", server, FloorServer.BARE, bare));
            targets.add(new Comparison.Target("route under Hangup, before", server, FloorServer.HANGUP, floor));
        });
        return targets;
    }

    @Override
    public void close() {
        plain.close();
        same.close();
        hangup.close();
        before.ifPresent(ServerProcess::close);
    }
}
