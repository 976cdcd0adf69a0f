package dev.hangup.proof;

import java.time.Duration;
import java.util.concurrent.Semaphore;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.common.concurrency.limits.FixedLimit;

/** How the server is set up: its transport, how its handlers come under Hangup, and whether requests wait for permits. */
enum Setup {
    CLEAR(Transport.CLEAR, false, false),
    CLEAR_BY_PATHS_WITH_LIMIT(Transport.CLEAR, true, true),
    CLEAR_WITHOUT_NIO(Transport.CLEAR_WITHOUT_NIO, false, true),
    CLEAR_WITHOUT_NIO_BY_PATHS(Transport.CLEAR_WITHOUT_NIO, true, false),
    CLEAR_QUEUED(Transport.CLEAR_QUEUED, true, false),
    TLS_1_2(Transport.TLS_1_2, false, false),
    TLS_1_3(Transport.TLS_1_3, true, true);

    static final int PERMITS = 5;

    private final Transport transport;
    private final boolean byPaths;
    private final boolean limited;

    Setup(Transport transport, boolean byPaths, boolean limited) {
        this.transport = transport;
        this.byPaths = byPaths;
        this.limited = limited;
    }

    TestServer start(PlannedWork work, Semaphore permits) {
        return TestServer.start(
                transport,
                server -> {
                    if (limited) {
                        server.concurrencyLimit(FixedLimit.builder()
                                                        .semaphore(permits)
                                                        .queueLength(1_000)
                                                        .queueTimeout(Duration.ofMinutes(1))
                                                        .build());
                    }
                },
                hangup -> {
                    // what a slow machine does is none of the mistakes that are looked for
                    hangup.unresponsiveAfter(Duration.ofHours(1)).deadline(Duration.ofMinutes(30));
                    if (byPaths) {
                        hangup.addPath(HangupPathConfig.builder().path("/work/*").build());
                    }
                },
                routing -> routing.any("/work/{id}", byPaths ? work : Hangup.cancellable(work)));
    }
}
