package dev.hangup.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

import dev.hangup.internal.config.FeatureKeys;

import io.helidon.common.tls.ConfiguredTlsManager;
import io.helidon.common.tls.RevocationConfig;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.common.tls.TlsManager;

/**
 * A TLS manager for listeners whose connections can be read and written at the same time, which Hangup needs to watch them.
 * Another manager provides and reloads the keys: Helidon's own, or the manager that {@link #manage} finds.
 * <p>
 * In the configuration of a listener: {@code tls.manager.hangup.enabled: true}. In code:
 * {@code server.tls(FullDuplexTls.manage(tls))}.
 */
public final class FullDuplexTls implements TlsManager {
    private final String name;
    private final TlsManager keys;
    /** Owned, as the identity, by the thread that sets up the TLS; {@code null} before. */
    private SSLContext context;
    private Identity identity;

    private FullDuplexTls(String name, TlsManager keys) {
        this.name = name;
        this.keys = keys;
    }

    /**
     * Creates a manager for one {@link Tls}, for {@link TlsConfig.Builder#manager(TlsManager)}. The TLS can be built again with the
     * same keys and trusted certificates; one with others needs a manager of its own, and is refused with {@link
     * IllegalStateException}.
     *
     * @return a new manager, to be used by one {@code Tls} only
     */
    public static FullDuplexTls create() {
        return create(FeatureKeys.TYPE);
    }

    /**
     * Creates a manager as {@link #create()} does, with a name of its own.
     *
     * @param name name of the instance, as in {@code tls.manager}
     * @return a new manager, to be used by one {@code Tls} only
     */
    public static FullDuplexTls create(String name) {
        return new FullDuplexTls(name, new KeysOfConfig(name));
    }

    /**
     * Returns the same TLS, with connections that can be read and written at the same time. The manager of the given TLS keeps
     * managing its keys.
     *
     * @param tls the TLS, with any manager
     * @return TLS to configure a listener with; the argument if it is disabled or has a manager of this type already
     */
    public static Tls manage(Tls tls) {
        if (!tls.enabled() || manages(tls)) {
            return tls;
        }
        TlsManager keys = tls.prototype().manager();
        FullDuplexTls manager = new FullDuplexTls(FeatureKeys.TYPE, keys);
        manager.context = new FullDuplexContext(tls.sslContext());
        TlsConfig.Builder managed = TlsConfig.builder(tls.prototype()).manager(manager);
        if (keys.getClass() != ConfiguredTlsManager.class) {
            // a TLS with an SSLContext needs no private key in the configuration
            managed.sslContext(tls.sslContext());
        }
        TlsConfig config = managed.buildPrototype();
        manager.identity = Identity.of(config);
        return Tls.create(config);
    }

    /**
     * Returns whether connections of a TLS can be read and written at the same time.
     *
     * @param tls an enabled TLS
     * @return whether its manager is of this type
     */
    public static boolean manages(Tls tls) {
        return tls.sslContext() instanceof FullDuplexContext;
    }

    @Override
    public void init(TlsConfig config) {
        if (context == null) {
            keys.init(config);
            context = new FullDuplexContext(keys.sslContext());
            identity = Identity.of(config);
        } else if (!identity.equals(Identity.of(config))) {
            throw new IllegalStateException("This manager belongs to another Tls, with other keys or trusted certificates. Create"
                    + " a manager for each Tls; a builder made from another Tls has the manager of that one");
        }
    }

    /**
     * Replaces the keys, or the trusted certificates, or both.
     *
     * @param tls the TLS with the new ones
     * @throws IllegalArgumentException if it has neither, and Helidon's own manager manages the keys, which ignores such a call
     *                                  ({@code ConfiguredTlsManager.reload} of 4.5.0)
     */
    @Override
    public void reload(Tls tls) {
        TlsManager reloaded = tls.prototype().manager();
        if (keys instanceof ConfiguredTlsManager && reloaded.keyManager().isEmpty() && reloaded.trustManager().isEmpty()) {
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

    /**
     * What a TLS presents and whom it trusts, which a manager takes from the first TLS that it is set up for. Helidon sets a
     * manager up once for each TLS that is built with it, for example from the prototype of another one.
     */
    private record Identity(Optional<PrivateKey> key, List<X509Certificate> chain, List<X509Certificate> trust, boolean trustAll,
                            Optional<RevocationConfig> revocation, Optional<SSLContext> context) {
        private static Identity of(TlsConfig config) {
            return new Identity(config.privateKey(), config.privateKeyCertChain(), config.trust(), config.trustAll(),
                                config.revocation(), config.sslContext());
        }
    }

    /** Helidon's own manager, whose constructors are not public. */
    private static final class KeysOfConfig extends ConfiguredTlsManager {
        private KeysOfConfig(String name) {
            super(name, FeatureKeys.TYPE);
        }
    }
}
