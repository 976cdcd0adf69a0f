package dev.hangup.demo;

import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/**
 * Something to be done when the server has stopped.
 *
 * @param action what
 */
record AtStop(Runnable action) implements HttpFeature {
    @Override
    public void setup(HttpRouting.Builder routing) {
        // no routes
    }

    @Override
    public void afterStop() {
        action.run();
    }
}
