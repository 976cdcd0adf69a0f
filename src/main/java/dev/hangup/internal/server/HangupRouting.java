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
        if (runsFilters) {
            // The innermost filter. Exceptions of work that has lost end here, and the outer filters see how the request ended: by
            // the status, or amid the response by the same exception as filters outside of a race.
            // This makes a difference if there are no other filters: if an error handler throws, Helidon responds with 500 and a
            // close without any filter, but passes the exception to the error handlers again if there is one.
            routing.addFilter((chain, request, response) -> {
                Paths.throwGateFailure();
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

    @Override
    public void beforeStart() {
        lifecycle.starting(socket);
    }

    @Override
    public void afterStart(WebServer webServer) {
        // for requests whose policy cannot be found through the connection, such as those of a user's selectors
        webServer.context().register(policy);
        lifecycle.started(socket, webServer);
    }

    @Override
    public void afterStop() {
        lifecycle.stopped(socket);
    }
}
