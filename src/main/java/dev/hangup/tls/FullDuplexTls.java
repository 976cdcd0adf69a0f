package dev.hangup.tls;

import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

import dev.hangup.internal.config.FeatureKeys;

import io.helidon.common.tls.ConfiguredTlsManager;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.common.tls.TlsManager;

/**
 * A manager of a listener's TLS whose connections can be read while they are written, which Hangup needs to watch them. The
 * keys, and their reload, are left to another manager: Helidon's own, unless there was one of another kind.
 * <p>
 * In the configuration of a listener: {@code tls.manager.hangup.enabled: true}. In code:
 * {@code server.tls(FullDuplexTls.manage(tls))}.
 */
public final class FullDuplexTls implements TlsManager {
    private final String name;
    private final TlsManager keys;
    private SSLContext context;

    private FullDuplexTls(String name, TlsManager keys) {
        this.name = name;
        this.keys = keys;
    }

    /**
     * A manager for one {@link Tls}, for {@link TlsConfig.Builder#manager(TlsManager)}.
     *
     * @return a manager that is not used by another
     */
    public static FullDuplexTls create() {
        return create(FeatureKeys.TYPE);
    }

    /**
     * As {@link #create()}, with a name of its own.
     *
     * @param name name of the instance, as in {@code tls.manager}
     * @return a manager that is not used by another
     */
    public static FullDuplexTls create(String name) {
        return new FullDuplexTls(name, new KeysOfConfig(name));
    }

    /**
     * The same TLS, with connections that can be read while they are written. The manager of the one that is given keeps
     * managing its keys.
     *
     * @param tls of any manager
     * @return TLS to configure a listener with; the one that is given if it is disabled, or of this kind already
     */
    public static Tls manage(Tls tls) {
        if (!tls.enabled() || manages(tls)) {
            return tls;
        }
        FullDuplexTls manager = new FullDuplexTls(FeatureKeys.TYPE, tls.prototype().manager());
        manager.context = new FullDuplexContext(tls.sslContext());
        return TlsConfig.builder(tls.prototype()).manager(manager).build();
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
        if (context == null) {
            keys.init(config);
            context = new FullDuplexContext(keys.sslContext());
        }
    }

    /**
     * Replaces the keys, or the trusted certificates, or both.
     *
     * @param tls with the new ones
     * @throws IllegalArgumentException if it has neither, which Helidon's own manager passes over ({@code
     *                                  ConfiguredTlsManager.reload} of 4.5.0)
     */
    @Override
    public void reload(Tls tls) {
        TlsManager reloaded = tls.prototype().manager();
        if (reloaded.keyManager().isEmpty() && reloaded.trustManager().isEmpty()) {
            throw new IllegalArgumentException("TLS to reload has neither a private key that can be used"
                                                       + " nor trusted certificates");
        }
        keys.reload(tls);
    }

    @Override
    public SSLContext sslContext() {
        return context;
    }

    @Override
    public Optional<X509KeyManager> keyManager() {
        return keys.keyManager();
    }

    @Override
    public Optional<X509TrustManager> trustManager() {
        return keys.trustManager();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String type() {
        return FeatureKeys.TYPE;
    }

    /** Helidon's own manager, whose constructors are not public. */
    private static final class KeysOfConfig extends ConfiguredTlsManager {
        private KeysOfConfig(String name) {
            super(name, FeatureKeys.TYPE);
        }
    }
}
