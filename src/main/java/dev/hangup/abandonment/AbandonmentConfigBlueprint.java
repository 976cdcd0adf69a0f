package dev.hangup.abandonment;

import java.time.Duration;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of the abandonment limiter, {@code server.features.hangup.abandonment}. It refuses clients that abandon too
 * many requests on a route. Until the window has passed, such a client gets 429 with {@code Retry-After}, before any work
 * begins for it. The outcome of a refused request is {@link dev.hangup.outcome.Outcome#REFUSED}. The limiter is off by default.
 *
 * <h2>What is abandoned</h2>
 * A request is abandoned if its outcome is {@link dev.hangup.outcome.Outcome#DISCONNECTED}: its client left, or reset its
 * HTTP/2 stream, while the work went on. The request counts at once, however long the work goes on. Three kinds of requests do
 * not count:
 * <ul>
 * <li>A request whose response had {@linkplain dev.hangup.outcome.RequestDecision#responseBegun() begun} to be written. The
 * client of a stream leaves when it has seen enough, and an {@code EventSource} reconnects. (A stream of events writes nothing
 * before its first event or comment.)</li>
 * <li>A request that its client replaces at once, as a page does that searches after each keystroke. Another request of the
 * same client to the same route, with another target (path and query), comes at most a second before or after the disconnect.
 * Each request replaces at most one other, and only the client's latest request or disconnect on that route is considered. Of
 * several requests abandoned together, all but one count.</li>
 * <li>A request that waits for a concurrency permit. It has cost nothing.</li>
 * </ul>
 * A client that gives up and sends the same request again has abandoned the first. That is a retry, and the limiter exists for
 * storms of retries. A page that gives up several requests and sends all of them again retries, too: a request replaces no
 * other if its target is among the last eight that its client abandoned within a second. A client that sends one request after
 * the other, each with another target, is not refused: it rarely has more than one request running at a time.
 *
 * <h2>Where nobody is refused</h2>
 * Peers on a Unix domain socket have no address. Unless the PROXY protocol, a trusted proxy ({@link ClientKey#address()}) or a
 * custom {@link #client()} identifies clients, none is refused there, and the server logs a warning when it starts.
 */
@Prototype.Blueprint(decorator = AbandonmentConfigSupport.class)
@Prototype.CustomMethods(AbandonmentConfigSupport.class)
@Prototype.Configured
interface AbandonmentConfigBlueprint {
    /**
     * Whether clients are refused: {@code off}, {@code log} (which only logs the clients that would be refused), or
     * {@code refuse}.
     *
     * @return mode
     */
    @Option.Configured
    @Option.Default("OFF")
    AbandonmentMode mode();

    /**
     * Maximum number of requests that a client may abandon on a route within the {@link #window()}. After one more, the client
     * is refused on that route.
     *
     * @return 1 to 1,000,000
     */
    @Option.Configured
    @Option.DefaultInt(5)
    int abandoned();

    /**
     * Window in which a client's abandoned requests are counted, from the first of them. When it has passed, the count starts
     * again, and a refused client is admitted again.
     *
     * @return one second to one day
     */
    @Option.Configured
    @Option.Default("PT10S")
    Duration window();

    /**
     * Maximum number of clients that are remembered, each once for every route on which it abandons requests. Beyond it, the
     * clients with the fewest requests are forgotten first.
     *
     * @return 1 to 10,000,000
     */
    @Option.Configured
    @Option.DefaultInt(10_000)
    int maxClients();

    /**
     * Function that identifies the client of a request, by default by its {@linkplain ClientKey#address() address}.
     *
     * @return the function
     */
    @Option.DefaultCode("ClientKey.address()")
    ClientKey client();
}
