package dev.hangup.abandonment;

import java.time.Duration;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Which clients are refused since they abandon too many requests on a route, {@code server.features.hangup.abandonment}: until
 * the window has passed in which they did, they get 429 with {@code Retry-After}, before any work begins for them. The outcome
 * of such a request is {@link dev.hangup.outcome.Outcome#REFUSED}. Off by default.
 *
 * <h2>What is abandoned</h2>
 * A request is abandoned if its outcome is {@link dev.hangup.outcome.Outcome#DISCONNECTED}: while its work went on, its client
 * left, or reset its HTTP/2 stream. It counts at once, however long the work goes on. Three kinds of requests are not abandoned:
 * <ul>
 * <li>A request whose response had {@linkplain dev.hangup.outcome.RequestDecision#responseBegun() begun} to be written. The
 *     client of a stream leaves when it has seen enough, and an {@code EventSource} connects again. (Of a stream of events
 *     nothing is written until its first event or comment.)</li>
 * <li>A request that its client replaces at once, as a page does that searches at each key: another request of the same client
 *     to the same route, with another target (path and query), comes at most a second before or after the departure. Each
 *     request replaces one other at most, and only the client's latest request or departure on that route is considered. So of
 *     requests that are abandoned together all but one count.</li>
 * <li>A request that waits for a concurrency permit. It has cost nothing.</li>
 * </ul>
 * A client that gives up and sends the same request again has abandoned the first: that is a retry, and storms of retries are
 * what this is for. A page that gives up several requests and sends them all again retries, too: a request whose target is among
 * the last eight that its client has left within a second replaces none. A client that asks for something else each time, one
 * request after the other, is not refused; of its requests hardly more than one runs at a time.
 *
 * <h2>Where nobody is refused</h2>
 * Peers on a Unix domain socket have no address, and none that Helidon would trust. Without the PROXY protocol or a
 * {@link #client()} of your own nobody is refused there, and a warning says so when the server starts.
 */
@Prototype.Blueprint(decorator = AbandonmentConfigSupport.class)
@Prototype.CustomMethods(AbandonmentConfigSupport.CustomMethods.class)
@Prototype.Configured
interface AbandonmentConfigBlueprint {
    /**
     * Whether clients are refused: {@code off}, {@code log} (it is only logged who would be), or {@code refuse}.
     *
     * @return mode
     */
    @Option.Configured
    @Option.Default("OFF")
    AbandonmentMode mode();

    /**
     * How many requests a client may abandon on a route within the {@link #window()}. With the next one it is refused from
     * that route.
     *
     * @return 1 to 1,000,000
     */
    @Option.Configured
    @Option.DefaultInt(5)
    int abandoned();

    /**
     * How long a client's abandoned requests are counted together, from the first of them; then its count begins anew. A
     * client that is refused may come back when this has passed.
     *
     * @return one second to one day
     */
    @Option.Configured
    @Option.Default("PT10S")
    Duration window();

    /**
     * How many clients are remembered, each once for every route that it abandons requests on. Over it the ones are forgotten
     * first that come least.
     *
     * @return 1 to 10,000,000
     */
    @Option.Configured
    @Option.DefaultInt(10_000)
    int maxClients();

    /**
     * Who a request's client is. By default its {@linkplain ClientKey#address() address}.
     *
     * @return takes the key of the client from a request
     */
    @Option.DefaultCode("ClientKey.address()")
    ClientKey client();
}
