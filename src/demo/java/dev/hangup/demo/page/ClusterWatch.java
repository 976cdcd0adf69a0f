package dev.hangup.demo.page;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterStatus;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/** Passes on what the server knows of its cluster to the ledger, several times a second, if it is a member of one. */
final class ClusterWatch implements HttpFeature {
    private static final Duration PERIOD = Duration.ofMillis(200);

    private final Ledger ledger;
    /** Written by the thread that starts the server; {@code null} without a cluster. */
    private volatile Thread thread;

    ClusterWatch(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        // no routes
    }

    @Override
    public void afterStart(WebServer server) {
        server.prototype().features().stream()
                .filter(Hangup.class::isInstance)
                .map(Hangup.class::cast)
                .filter(it -> it.cluster().isPresent())
                .findFirst()
                .ifPresent(it -> thread = Thread.ofVirtual().name("page-cluster").start(() -> watch(it)));
    }

    private void watch(Hangup hangup) {
        Optional<ClusterStatus> known = Optional.empty();
        try {
            while (true) {
                Optional<ClusterStatus> status = hangup.cluster();
                if (!status.equals(known)) {
                    ledger.cluster(status);
                    known = status;
                }
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException e) {
            // the server has stopped
        }
    }

    @Override
    public void afterStop() {
        Thread watching = thread;
        if (watching != null) {
            watching.interrupt();
        }
    }
}
