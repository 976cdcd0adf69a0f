package dev.hangup.demo.page;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.hangup.outcome.Outcome;

import io.helidon.json.JsonObject;

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
    /** Whether its client got a part of the response before that time. */
    private boolean delivered;
    private OptionalLong ended = OptionalLong.empty();
    private Optional<Outcome> outcome = Optional.empty();
    private int status;
    /** The usefulness under which its time was booked; empty if it was not booked. */
    private List<Span> bookedAs = List.of();

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

    /**
     * Returns the usefulness of its time up to a moment, as known by now. The time of work that failed by itself, or that was
     * refused, is neither useful nor wasted. The time before its client left is useful if the client got a part of the response.
     */
    private List<Span> usefulness(long until) {
        if (left.isPresent() && delivered) {
            long split = Math.min(left.getAsLong(), until);
            return List.of(new Span(Usefulness.USEFUL, began, split), new Span(Usefulness.WASTED, split, until));
        }
        if (left.isPresent()) {
            return List.of(new Span(Usefulness.WASTED, began, until));
        }
        if (waiting() == Waiting.UNKNOWN) {
            return List.of(new Span(Usefulness.UNKNOWN, began, until));
        }
        if (ended.isEmpty()) {
            return List.of(new Span(Usefulness.PENDING, began, until));
        }
        return switch (outcome.orElseThrow()) {
            case FAILED, REFUSED -> List.of();
            case COMPLETED -> List.of(new Span(Usefulness.USEFUL, began, until));
            case DISCONNECTED, STALLED, DEADLINE_EXCEEDED, SHUTDOWN, CANCELLED ->
                    List.of(new Span(Usefulness.WASTED, began, until));
        };
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

    void left(long at, boolean delivered) {
        left = OptionalLong.of(at);
        this.delivered = delivered;
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
        List<Span> spans = usefulness(until);
        for (int i = 0; i < Math.max(spans.size(), bookedAs.size()); i++) {
            Optional<Span> before = i < bookedAs.size() ? Optional.of(bookedAs.get(i)) : Optional.empty();
            Optional<Span> now = i < spans.size() ? Optional.of(spans.get(i)) : Optional.empty();
            if (before.isPresent() && now.isPresent() && before.get().continues(now.get())) {
                before.get().change(time, now.get().to);
            } else {
                before.ifPresent(it -> it.change(time, it.from));
                now.ifPresent(it -> new Span(it.usefulness, it.from, it.from).change(time, it.to));
            }
        }
        bookedAs = spans;
    }

    JsonObject json() {
        JsonObject.Builder json = JsonObject.builder()
                .set("id", id)
                .set("work", work)
                .set("variant", variant.text())
                .set("waiting", waiting().text())
                .set("began", millis(began));
        tag.ifPresent(it -> json.set("tag", it.text()));
        if (allowed > 0) {
            json.set("allowed", millis(allowed));
        }
        left.ifPresent(it -> json.set("left", millis(it)));
        outcome.ifPresent(it -> json.set("outcome", it.text()));
        ended.ifPresent(it -> json.set("ended", millis(it)).set("status", status));
        return json.build();
    }

    /** A part of its time. */
    private record Span(Usefulness usefulness, long from, long to) {
        private boolean continues(Span other) {
            return usefulness == other.usefulness && from == other.from;
        }

        /** Books what it lacks up to another end, or removes what it has beyond that. */
        private void change(TimeBuckets time, long end) {
            time.add(usefulness, Math.min(to, end), Math.max(to, end), end < to ? -1 : 1);
        }
    }

    /** Returns milliseconds, rounded to a hundredth. */
    static double millis(long nanos) {
        return Math.round(nanos / 1e4) / 100.0;
    }
}
