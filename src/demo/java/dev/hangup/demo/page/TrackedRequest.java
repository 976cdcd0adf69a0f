package dev.hangup.demo.page;

import java.util.Optional;
import java.util.OptionalLong;

import dev.hangup.outcome.Outcome;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

/** The work of one request. Times are in nanoseconds of the ledger's clock. Mutable fields are guarded by the ledger's lock. */
final class TrackedRequest {
    private final String id;
    private final String work;
    private final Variant variant;
    private final Optional<Tag> tag;
    private final long began;
    private final long allowed;
    /** The time since which nobody waits for it, if known. */
    private OptionalLong left = OptionalLong.empty();
    private OptionalLong ended = OptionalLong.empty();
    private Optional<Outcome> outcome = Optional.empty();
    private int status;
    /** The usefulness under which its time was booked, if it was booked. */
    private Optional<Usefulness> bookedAs = Optional.empty();
    /** The time up to which its time was booked. */
    private long booked;

    /**
     * @param allowed how long the work may take; 0 if it is not bounded
     */
    TrackedRequest(String id, String work, Variant variant, Optional<Tag> tag, long began, long allowed) {
        this.id = id;
        this.work = work;
        this.variant = variant;
        this.tag = tag;
        this.began = began;
        this.allowed = allowed;
        this.booked = began;
    }

    String id() {
        return id;
    }

    Variant variant() {
        return variant;
    }

    long began() {
        return began;
    }

    Waiting waiting() {
        if (left.isPresent()) {
            return Waiting.NOBODY;
        }
        return variant == Variant.BARE && tag.isEmpty() ? Waiting.UNKNOWN : Waiting.SOMEBODY;
    }

    /** Returns the usefulness of its time, as known by now; empty if the work failed by itself. */
    Optional<Usefulness> usefulness() {
        if (left.isPresent()) {
            return Optional.of(Usefulness.WASTED);
        }
        if (waiting() == Waiting.UNKNOWN) {
            return Optional.of(Usefulness.UNKNOWN);
        }
        if (ended.isEmpty()) {
            return Optional.of(Usefulness.PENDING);
        }
        return outcome.filter(it -> it != Outcome.FAILED)
                .map(it -> it == Outcome.COMPLETED ? Usefulness.USEFUL : Usefulness.WASTED);
    }

    /** Returns whether its client was seen to leave. */
    boolean abandoned() {
        return outcome.equals(Optional.of(Outcome.DISCONNECTED));
    }

    /** Returns whether the other request is the plain one of the pair, and is not yet known to be abandoned. */
    boolean pairsWith(TrackedRequest other) {
        return variant == Variant.HANGUP && other.variant == Variant.BARE
                && tag.isPresent() && tag.equals(other.tag) && other.left.isEmpty();
    }

    void left(long at) {
        left = OptionalLong.of(at);
    }

    void stopped(Outcome outcome) {
        this.outcome = Optional.of(outcome);
    }

    void ended(long at, Outcome outcome, int status) {
        this.ended = OptionalLong.of(at);
        this.outcome = Optional.of(outcome);
        this.status = status;
    }

    /**
     * Books the time up to a moment, or removes booked time after that moment. If the usefulness has changed, the time booked
     * before is moved.
     */
    void book(TimeBuckets time, long until) {
        Optional<Usefulness> usefulness = usefulness();
        if (!usefulness.equals(bookedAs)) {
            bookedAs.ifPresent(it -> time.add(it, began, booked, -1));
            bookedAs = usefulness;
            booked = began;
        }
        usefulness.ifPresent(it -> time.add(it, Math.min(booked, until), Math.max(booked, until), until < booked ? -1 : 1));
        booked = until;
    }

    JsonObject json() {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("id", id)
                .add("work", work)
                .add("variant", variant.text())
                .add("waiting", waiting().text())
                .add("began", millis(began));
        tag.ifPresent(it -> json.add("tag", it.text()));
        if (allowed > 0) {
            json.add("allowed", millis(allowed));
        }
        left.ifPresent(it -> json.add("left", millis(it)));
        outcome.ifPresent(it -> json.add("outcome", it.text()));
        ended.ifPresent(it -> json.add("ended", millis(it)).add("status", status));
        return json.build();
    }

    /** Returns milliseconds, rounded to a hundredth. */
    static double millis(long nanos) {
        return Math.round(nanos / 1e4) / 100.0;
    }
}
