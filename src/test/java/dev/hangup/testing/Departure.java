package dev.hangup.testing;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A way to leave, over a transport.
 *
 * @param transport how client and server are connected
 * @param way       how the client leaves
 */
public record Departure(Transport transport, Way way) {
    /** All that there are. */
    public static List<Departure> all() {
        return Arrays.stream(Transport.values())
                .flatMap(transport -> Arrays.stream(Way.values())
                        .filter(way -> transport.secure() || !way.secure)
                        .map(way -> new Departure(transport, way)))
                .toList();
    }

    /** One for each transport: the one that a client uses who does nothing out of the ordinary. */
    public static Stream<Departure> ordinary() {
        return all().stream().filter(it -> it.way == (it.transport.secure() ? Way.TLS_CLOSE : Way.FIN));
    }

    /** Does it. */
    public void leave(RawClient client) {
        switch (way) {
        case FIN -> client.vanish();
        case RESET -> client.reset();
        case TLS_CLOSE -> client.leave();
        case TLS_CLOSE_NOTIFY -> client.endOutput();
        }
    }

    @Override
    public String toString() {
        return transport + " " + way;
    }

    /** The ways. */
    public enum Way {
        /** The connection's end, under TLS without a word before it. */
        FIN(false),
        /** The connection's abrupt end. */
        RESET(false),
        /** TLS in good order: a close_notify, then the connection's end. */
        TLS_CLOSE(true),
        /** A close_notify, after which the connection stays open. */
        TLS_CLOSE_NOTIFY(true);

        private final boolean secure;

        Way(boolean secure) {
            this.secure = secure;
        }
    }
}
