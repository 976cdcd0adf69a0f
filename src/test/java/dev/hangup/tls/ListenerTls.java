package dev.hangup.tls;

import java.util.function.Function;

import io.helidon.common.tls.Tls;
import io.helidon.config.Config;

/** The ways to set up TLS that can be watched. */
enum ListenerTls {
    /** The manager is named in the configuration. */
    NAMED(config -> Tls.builder().config(config).manager(FullDuplexTls.create()).build()),
    /** Helidon's TLS is managed after it was built. */
    MANAGED(config -> FullDuplexTls.manage(Tls.create(config)));

    private final Function<Config, Tls> create;

    ListenerTls(Function<Config, Tls> create) {
        this.create = create;
    }

    Tls create(Config config) {
        return create.apply(config);
    }
}
