package dev.hangup.internal.http1;

import java.util.Optional;
import java.util.logging.Level;

import dev.hangup.Hangup;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.common.concurrency.limits.Limit;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A limit of an application that fails when it gets a permit back. Helidon then returns the permit once more, and responds. */
class FailingLimitTest {
    @Test
    void responseThatIsWholeIsFollowedByNoOther() {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
                TestServer server = TestServer.start(config -> config.concurrencyLimit(new FailingLimit()), hangup -> { },
                        routing -> routing.get("/", Hangup.cancellable(request -> "whole")));
                RawClient client = server.connect()) {
            assertEquals("whole", client.get("/").read().text());
            assertEquals("", new String(client.readToEnd()));
        }
    }

    private static final class FailingLimit implements Limit {
        @Override
        public Outcome tryAcquireOutcome(boolean wait) {
            return Outcome.immediateAcceptance("failing", "failing", new FailingToken());
        }

        @Override
        @SuppressWarnings("removal")
        public Optional<Token> tryAcquire() {
            throw new AssertionError("This method is not called");
        }

        @Override
        @SuppressWarnings("removal")
        public Optional<Token> tryAcquire(boolean wait) {
            throw new AssertionError("This method is not called");
        }

        @Override
        public Limit copy() {
            return new FailingLimit();
        }

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public String type() {
            return "failing";
        }
    }

    private static final class FailingToken implements Limit.Token {
        @Override
        public void success() {
            throw new IllegalStateException("success");
        }

        @Override
        public void dropped() {
        }

        @Override
        public void ignore() {
        }
    }
}
