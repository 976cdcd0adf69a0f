package dev.hangup.internal.server;

import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.ServerPolicy;

import io.helidon.common.Weighted;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/**
 * Adds Hangup to the routing of a listener.
 *
 * @param runsFilters whether filters may run inside a race
 */
record HangupRouting(ServerPolicy policy, Lifecycle lifecycle, String socket, boolean runsFilters)
        implements HttpFeature, Weighted {
    /** Below the weight of all other features, so that their filters are outside. */
    private static final double WEIGHT = 0;

    @Override
    public void setup(HttpRouting.Builder routing) {
        routing.addFeature(new Notifier());
        if (runsFilters) {
            // The innermost filter. Exceptions of work that has lost end here, and the outer filters see how the request ended: by
            // the status, or amid the response by the same exception as filters outside of a race.
            // This makes a difference if there are no other filters: if an error handler throws, Helidon responds with 500 and a
            // close without any filter, but passes the exception to the error handlers again if there is one.
            routing.addFilter((chain, request, response) -> {
                Paths.throwGateFailure(request);
                try {
                    chain.proceed();
                } catch (RuntimeException | Error e) {
                    if (!RaceRunner.lost(response)) {
                        throw e;
                    }
                    RaceRunner.threw(e);
                }
                RaceRunner.ensureNotAborted(response);
            });
        }
    }

    @Override
    public double weight() {
        return WEIGHT;
    }

    /**
     * Notifies the lifecycle of the start and the stop of one listener. Helidon 4.5.0 does not copy the builder of a routing
     * ({@code ServerFeatureContextImpl.create}). If one builder is used for several servers, at the same time or in turn, the
     * routings of the later servers also include this feature. Each routing has a notifier of its own, and a notifier in the routing
     * of another server does nothing.
     */
    private final class Notifier implements HttpFeature {
        /** Whether this is in the routing of another server, as far as is known. */
        private volatile boolean foreign;

        @Override
        public void setup(HttpRouting.Builder routing) {
            // no routes
        }

        @Override
        public void beforeStart() {
            // Helidon calls this method for all listeners of a server before it calls afterStart for any
            foreign = lifecycle.hasBegun();
        }

        @Override
        public void afterStart(WebServer webServer) {
            if (!lifecycle.isOf(webServer)) {
                foreign = true;
            }
            if (!foreign) {
                // for requests whose policy cannot be found through the connection, such as those of a user's selectors
                webServer.context().register(policy);
                lifecycle.started(socket, webServer);
            }
        }

        @Override
        public void afterStop() {
            // a server that has failed to start may be another one
            if (!foreign && lifecycle.hasBegun()) {
                lifecycle.stopped(socket);
            }
        }
    }
}
