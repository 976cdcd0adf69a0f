package dev.hangup.tls;

import javax.net.ssl.SSLContext;

import io.helidon.common.tls.ConfiguredTlsManager;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;

/**
 * Helidon's own manager of a listener's TLS, configured by the same keys and reloaded in the same way, whose
 * connections can be read while they are written. A listener needs it for its connections to be watched:
 * {@code tls.manager.hangup.enabled: true}, or {@code Tls.builder().manager(FullDuplexTls.create())}.
 */
public final class FullDuplexTls extends ConfiguredTlsManager {
    static final String TYPE = "hangup";

    private SSLContext context;

    FullDuplexTls(String name) {
        super(name, TYPE);
    }

    /**
     * A manager for one {@link Tls}.
     *
     * @return a manager that is not used by another
     */
    public static FullDuplexTls create() {
        return new FullDuplexTls(TYPE);
    }

    /**
     * Whether connections that are set up so can be read while they are written.
     *
     * @param tls enabled
     * @return whether this is its manager
     */
    public static boolean manages(Tls tls) {
        return tls.sslContext() instanceof FullDuplexContext;
    }

    @Override
    public void init(TlsConfig config) {
        super.init(config);
        context = new FullDuplexContext(super.sslContext());
    }

    @Override
    public SSLContext sslContext() {
        return context;
    }
}
