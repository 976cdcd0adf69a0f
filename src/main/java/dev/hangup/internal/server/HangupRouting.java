package dev.hangup.internal.server;

import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.ServerPolicy;

import io.helidon.common.Weighted;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/**
 * What Hangup adds to the routing of a listener.
 *
 * @param started     to be run when the listener has started
 * @param stopped     to be run when the listener has stopped
 * @param runsFilters whether filters may run inside of a race
 */
record HangupRouting(ServerPolicy policy, Readiness readiness, Runnable started, Runnable stopped, boolean runsFilters)
        implements HttpFeature, Weighted {
    /** Below that of all others, whose filters are around. */
    private static final double WEIGHT = 0;

    @Override
    public void setup(HttpRouting.Builder routing) {
        if (runsFilters) {
            // Next to the routes: what a loser throws ends here, and the filters around see how the request ended. The
            // price is paid where there are no other filters: what an error handler throws, Helidon gives to the error
            // handlers once more as soon as there is a filter, and answers with 500 and a close when there is none.
            routing.addFilter((chain, request, response) -> {
                try {
                    chain.proceed();
                } catch (RuntimeException | Error e) {
                    if (!RaceRunner.lost(response)) {
                        throw e;
                    }
                }
            });
        }
    }

    @Override
    public double weight() {
        return WEIGHT;
    }

    @Override
    public void afterStart(WebServer webServer) {
        // for requests whose connection does not lead to the terms, such as those of selectors of the user's
        webServer.context().register(policy);
        readiness.started(webServer);
        started.run();
    }

    @Override
    public void afterStop() {
        readiness.stopping();
        stopped.run();
    }
}
