package dev.hangup.bench;

import java.io.IOException;
import java.util.List;

import dev.hangup.testing.Transport;

/**
 * The {@link FloorServer} with Hangup, and two without.
 *
 * @param plain  without Hangup
 * @param same   the same once more, for A/A pairs
 * @param hangup with Hangup
 */
record FloorServers(ServerProcess plain, ServerProcess same, ServerProcess hangup) implements AutoCloseable {
    static FloorServers start(Transport transport) throws IOException, InterruptedException {
        return new FloorServers(start(false, transport), start(false, transport), start(true, transport));
    }

    private static ServerProcess start(boolean hangup, Transport transport) throws IOException, InterruptedException {
        return ServerProcess.start(FloorServer.class, String.valueOf(hangup), transport.name());
    }

    /** What they answer, with what it is to be compared with. */
    List<Comparison.Target> targets() {
        Comparison.Target bare = new Comparison.Target("bare", plain, FloorServer.BARE, null);
        Comparison.Target floor = new Comparison.Target("floor", plain, FloorServer.FORKED, bare);
        return List.of(bare,
                       new Comparison.Target("A/A: bare", same, FloorServer.BARE, bare),
                       new Comparison.Target("bare route, server with Hangup", hangup, FloorServer.BARE, bare),
                       floor,
                       new Comparison.Target("A/A: floor", same, FloorServer.FORKED, floor),
                       new Comparison.Target("route under Hangup", hangup, FloorServer.HANGUP, floor));
    }

    @Override
    public void close() {
        plain.close();
        same.close();
        hangup.close();
    }
}
