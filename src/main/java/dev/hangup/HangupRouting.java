package dev.hangup;

import dev.hangup.race.Race;
import dev.hangup.race.Terms;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/** What Hangup adds to the routing of a listener. */
final class HangupRouting implements HttpFeature {
    private final Terms terms;
    private final boolean runsFilters;

    /**
     * @param runsFilters whether filters may run inside of a race
     */
    HangupRouting(Terms terms, boolean runsFilters) {
        this.terms = terms;
        this.runsFilters = runsFilters;
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        if (runsFilters) {
            // next to the routes: what a loser throws ends here, and the filters around see how the request ended
            routing.addFilter((chain, request, response) -> {
                try {
                    chain.proceed();
                } catch (CloseConnectionException e) {
                    if (!Race.lost(response)) {
                        throw e;
                    }
                }
            });
        }
    }

    @Override
    public void afterStart(WebServer webServer) {
        // for requests whose connection does not lead to the terms, such as those of selectors of the user's
        webServer.context().register(terms);
    }
}
