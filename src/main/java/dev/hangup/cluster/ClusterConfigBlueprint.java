package dev.hangup.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.helidon.builder.api.Option;
import io.helidon.builder.api.Prototype;
import io.helidon.common.tls.Tls;

/**
 * Configuration of the cluster that a server is a member of, {@code server.features.hangup.cluster}. It needs {@code
 * org.jgroups:jgroups} and {@code io.helidon.webclient:helidon-webclient} on the class path.
 */
@Prototype.Blueprint(decorator = ClusterConfigSupport.class)
@Prototype.CustomMethods(ClusterConfigSupport.class)
@Prototype.Configured
interface ClusterConfigBlueprint {
    /**
     * Name of the cluster; members of clusters with different names ignore each other.
     *
     * @return name
     */
    @Option.Configured
    @Option.Default("hangup")
    String name();

    /**
     * Address of this member, an IP address or a host name, which both ports are bound to and the other members connect to. It
     * should be a private one, and cannot be a wildcard. An IPv6 address may be in brackets. The default is for several members
     * on one machine.
     *
     * @return host
     */
    @Option.Configured
    @Option.Default("127.0.0.1")
    String host();

    /**
     * Port on which members find each other and notice each other's end.
     *
     * @return 1 to 65535
     */
    @Option.Configured
    @Option.DefaultInt(7800)
    int port();

    /**
     * Port of the internal listener, which serves relayed requests over HTTPS. Zero selects a free port, which the other members
     * learn.
     *
     * @return 0 to 65535
     */
    @Option.Configured
    @Option.DefaultInt(7801)
    int httpPort();

    /**
     * Members to look for, each as {@code host:port} with its {@link #port()}; this one may be among them. Not all members need
     * be listed: one that is reached knows the others.
     *
     * @return addresses
     */
    @Option.Configured
    @Option.Singular
    List<String> members();

    /**
     * Host name that resolves to an address for each member, such as that of a headless service in Kubernetes. It replaces
     * {@link #members()}. All members use the same {@link #port()}. The name is resolved repeatedly, by the JDK's resolver.
     *
     * @return host name
     */
    @Option.Configured
    Optional<String> dns();

    /**
     * How long a member may be silent before the others consider it gone. The end of a member's process is noticed sooner.
     *
     * @return 500 milliseconds to one minute
     */
    @Option.Configured
    @Option.Default("PT5S")
    Duration goneAfter();

    /**
     * The TLS with which members authenticate each other and encrypt both ports. It needs a private key and {@code trust}:
     * a process that has a key with a certificate trusted there is a member, so {@code trust} should hold an authority, or a
     * certificate, of the cluster alone. Host names are not compared, and client certificates are always required.
     *
     * @return TLS; required
     */
    @Option.Configured
    Optional<Tls> tls();
}
