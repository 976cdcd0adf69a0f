package dev.hangup;

import java.time.Duration;

import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.abandonment.ClientKey;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Which clients are refused for a while, since they abandon too many requests: until the window has passed in which they did, they
 * get 429 with {@code Retry-After}, before any work begins for them.
 * <p>
 * A request is abandoned if its outcome is {@link dev.hangup.outcome.Outcome#DISCONNECTED}: while its work went on, its client
 * left, or reset its HTTP/2 stream. Nothing else counts; in particular not who leaves a queue for a concurrency permit.
 */
@Prototype.Blueprint(decorator = AbandonmentLimitConfigSupport.class)
@Prototype.CustomMethods(AbandonmentLimitConfigSupport.CustomMethods.class)
@Prototype.Configured
interface AbandonmentLimitConfigBlueprint {
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
