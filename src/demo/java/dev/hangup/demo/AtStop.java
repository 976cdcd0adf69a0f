package dev.hangup.demo;

import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/**
 * A feature that runs an action when the server has stopped.
 *
 * @param action the action
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
