package dev.hangup.sse;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One event of an {@link EventStream}: {@code Event.of(json).name("tick").id("7")}. Immutable.
 *
 * @param data  what it says; of any number of lines, ended by CR, LF or both, all of which the client sees as LF
 * @param name  what kind of event it is; a browser's {@code message} if there is none
 * @param id    what a client that lost the connection says it has seen, as {@code Last-Event-ID}
 * @param retry how long a client is to wait before it comes again; whole milliseconds are sent
 */
public record Event(String data, Optional<String> name, Optional<String> id, Optional<Duration> retry) {
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

    /**
     * All components are required.
     *
     * @throws IllegalArgumentException if a name or an id has more than one line or a NUL in it, or the time is negative
     */
    public Event {
        Objects.requireNonNull(data);
        name.ifPresent(it -> ensureOneLine("name", it));
        id.ifPresent(it -> ensureOneLine("id", it));
        retry.filter(Duration::isNegative).ifPresent(it -> {
            throw new IllegalArgumentException("retry must not be negative, but is " + it);
        });
    }

    /**
     * An event with neither name nor id.
     *
     * @param data what it says
     * @return the event
     */
    public static Event of(String data) {
        return new Event(data, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * This event with a name.
     *
     * @param name one line
     * @return another event
     * @throws IllegalArgumentException if it is not one line, or has a NUL in it
     */
    public Event name(String name) {
        return new Event(data, Optional.of(name), id, retry);
    }

    /**
     * This event with an id.
     *
     * @param id one line
     * @return another event
     * @throws IllegalArgumentException if it is not one line, or has a NUL in it
     */
    public Event id(String id) {
        return new Event(data, name, Optional.of(id), retry);
    }

    /**
     * This event with a time to wait for.
     *
     * @param retry zero or more
     * @return another event
     * @throws IllegalArgumentException if it is negative
     */
    public Event retry(Duration retry) {
        return new Event(data, name, id, Optional.of(retry));
    }

    /** As it is sent. */
    byte[] bytes() {
        StringBuilder text = new StringBuilder(data.length() + 32);
        id.ifPresent(it -> field(text, "id", it));
        name.ifPresent(it -> field(text, "event", it));
        retry.ifPresent(it -> field(text, "retry", String.valueOf(it.toMillis())));
        lines(text, "data", data);
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A field whose name is empty: clients do not look at it. */
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
        // clients take one space away, and no more
        text.append(name).append(": ").append(value).append('\n');
    }

    private static void ensureOneLine(String what, String value) {
        if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("The " + what + " of an event must be one line without a NUL");
        }
    }
}
