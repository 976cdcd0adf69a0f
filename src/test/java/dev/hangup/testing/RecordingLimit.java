package dev.hangup.testing;

import java.util.Optional;

import io.helidon.common.concurrency.limits.Limit;

/** A limit that lets everything pass and leaves on a trail what becomes of its tokens. */
public final class RecordingLimit implements Limit {
    private final Trail trail;

    /** Leaves "acquired", then "success", "dropped" or "ignore". */
    public RecordingLimit(Trail trail) {
        this.trail = trail;
    }

    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        trail.add("acquired");
        return Outcome.deferredAcceptance("recording", "recorded", new RecordingToken(), 17, 42);
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
        return new RecordingLimit(trail);
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public String type() {
        return "recording";
    }

    private final class RecordingToken implements Token {
        @Override
        public void success() {
            trail.add("success");
        }

        @Override
        public void dropped() {
            trail.add("dropped");
        }

        @Override
        public void ignore() {
            trail.add("ignore");
        }
    }
}
