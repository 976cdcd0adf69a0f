package dev.hangup.sse;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One event of an {@link EventStream}: {@code Event.of(json).name("tick").id("7")}. Immutable.
 *
 * @param data  its text, of any number of lines, ended by CR, LF or CRLF; the client sees each line end as LF
 * @param name  its type; browsers use {@code message} if there is none
 * @param id    its id, which a client sends as {@code Last-Event-ID} when it reconnects
 * @param retry how long a client should wait before it reconnects; sent in whole milliseconds
 */
public record Event(String data, Optional<String> name, Optional<String> id, Optional<Duration> retry) {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    /**
     * All components are required.
     *
     * @throws IllegalArgumentException if a name or an id has more than one line or a NUL in it, or the time is negative or more
     *                                  than a day
     */
    public Event {
        Objects.requireNonNull(data);
        name.ifPresent(it -> ensureOneLine("name", it));
        id.ifPresent(it -> ensureOneLine("id", it));
        retry.filter(it -> it.isNegative() || it.compareTo(LONGEST) > 0).ifPresent(it -> {
            throw new IllegalArgumentException("retry must be from PT0S to " + LONGEST + ", but is " + it);
        });
    }

    /**
     * Creates an event with neither name nor id.
     *
     * @param data its text
     * @return the event
     */
    public static Event of(String data) {
        return new Event(data, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Returns this event with a name.
     *
     * @param name one line
     * @return another event
     * @throws IllegalArgumentException if it is not one line, or has a NUL in it
     */
    public Event name(String name) {
        return new Event(data, Optional.of(name), id, retry);
    }

    /**
     * Returns this event with an id.
     *
     * @param id one line
     * @return another event
     * @throws IllegalArgumentException if it is not one line, or has a NUL in it
     */
    public Event id(String id) {
        return new Event(data, name, Optional.of(id), retry);
    }

    /**
     * Returns this event with a time to wait before reconnecting.
     *
     * @param retry zero to one day
     * @return another event
     * @throws IllegalArgumentException if it is out of range
     */
    public Event retry(Duration retry) {
        return new Event(data, name, id, Optional.of(retry));
    }

    /** Returns the event in its wire format. */
    byte[] bytes() {
        StringBuilder text = new StringBuilder(data.length() + 32);
        id.ifPresent(it -> field(text, "id", it));
        name.ifPresent(it -> field(text, "event", it));
        retry.ifPresent(it -> field(text, "retry", String.valueOf(it.toMillis())));
        lines(text, "data", data);
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a comment, a field with an empty name, which clients ignore. */
    static byte[] comment(String text) {
        StringBuilder comment = new StringBuilder(text.length() + 4);
        lines(comment, "", text);
        return comment.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void lines(StringBuilder text, String name, String value) {
        for (String line : LINE_END.split(value, -1)) {
            field(text, name, line);
        }
    }

    private static void field(StringBuilder text, String name, String value) {
        // clients strip one leading space only
        text.append(name).append(": ").append(value).append('\n');
    }

    private static void ensureOneLine(String what, String value) {
        if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("The " + what + " of an event must be one line without a NUL");
        }
    }
}
