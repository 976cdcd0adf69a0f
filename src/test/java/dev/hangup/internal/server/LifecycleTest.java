package dev.hangup.internal.server;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.hangup.HangupConfig;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.testing.Logged;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a server begins when it starts, and ends when it has stopped. */
class LifecycleTest {
    private final Trail trail = new Trail();

    /** The start of the server would throw although it serves. */
    @Test
    void serverIsSetUpAlthoughAPartOfItCannotBegin() {
        HangupConfig config = HangupConfig.builder().buildPrototype();
        WebServerConfig prototype = WebServer.builder().putSocket("lost", socket -> { }).buildPrototype();
        Lifecycle lifecycle = new Lifecycle(config, prototype, Set.of("lost"), new StartLog(config),
                                            new ClusterMembership(Optional.empty(), Optional.empty(), lost -> null),
                                            new Listeners(List.of(), List.of()), List.of(this::failToBegin, this::begin),
                                            Optional.empty());
        try (Logged log = Logged.by("dev.hangup");
                PlainServer server = PlainServer.builder().server(it -> it.putSocket("lost", socket -> { }))
                        .start(routing -> { })) {
            lifecycle.started("lost", server.server());
            assertEquals(List.of("begun"), trail.events());
            ListenerWatchTest.end("lost");
            log.trail().awaitAny(it -> it.startsWith("Socket lost has ended by itself"), "the listener is watched");
            trail.await("ended");
        }
    }

    private Runnable failToBegin() {
        throw new InternalError("unable to create native thread");
    }

    private Runnable begin() {
        trail.add("begun");
        return () -> trail.add("ended");
    }
}
