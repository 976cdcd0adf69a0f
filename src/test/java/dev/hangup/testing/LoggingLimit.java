package dev.hangup.testing;

import java.util.Optional;

import io.helidon.common.concurrency.limits.Limit;

/**
 * A limit that leaves on a trail who comes to it: "asked", then "let in" or "turned away".
 *
 * @param delegate decides
 * @param trail    is told
 */
public record LoggingLimit(Limit delegate, Trail trail) implements Limit {
    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        trail.add("asked");
        Outcome outcome = delegate.tryAcquireOutcome(wait);
        trail.add(outcome instanceof Outcome.Accepted ? "let in" : "turned away");
        return outcome;
    }

    @Override
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire() {
        throw new AssertionError("Nobody asks in the old way");
    }

    @Override
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire(boolean wait) {
        throw new AssertionError("Nobody asks in the old way");
    }

    @Override
    public Limit copy() {
        return new LoggingLimit(delegate.copy(), trail);
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public String type() {
        return delegate.type();
    }
}
