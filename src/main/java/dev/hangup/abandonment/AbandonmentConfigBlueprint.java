package dev.hangup.abandonment;

import java.time.Duration;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;

/**
 * Configuration of {@link AbandonmentLimiter}, {@code server.features.hangup.abandonment}.
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
     * Who a request's client is. By default its address; {@link AbandonmentLimiter} says which one.
     *
     * @return takes the key of the client from a request
     */
    @Option.DefaultCode("ClientKey.address()")
    ClientKey client();
}
