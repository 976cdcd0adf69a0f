package dev.hangup.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.ConfigNode;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;

/** Validates the configuration; error messages name the key. */
final class ClusterConfigSupport implements Prototype.BuilderDecorator<ClusterConfig.BuilderBase<?, ?>> {
    private static final Set<String> KEYS = Set.of("name", "host", "port", "http-port", "members", "dns", "gone-after", "tls");
    /** An address and a port. The address is a name, an IPv4 address, or an IPv6 address in brackets. */
    private static final Pattern MEMBER = Pattern.compile("(?:\\[[^\\[\\]]+]|[^\\[\\]:\\s]+):(\\d{1,5})");
    /** Text that looks like an address. The JDK looks up little of it, and none that is a name. */
    private static final Pattern LITERAL = Pattern.compile("[\\d.]+|[\\da-fA-F.%]*:[\\da-fA-F.%]*:[\\da-fA-F:.%]*");
    /** An IPv6 address as it stands in a URI. */
    private static final Pattern IN_BRACKETS = Pattern.compile("\\[([^\\[\\]]*:[^\\[\\]]*)]");
    private static final Pattern NOT_A_NAME = Pattern.compile(".*[:\\[\\]].*");
    private static final int MAX_PORT = 65_535;

    @Override
    public void decorate(ClusterConfig.BuilderBase<?, ?> target) {
        ConfigBounds bounds = ConfigBounds.of(target.config(), KEYS, "server.features.hangup.cluster");
        bounds.within("port", target.port(), 1, MAX_PORT);
        bounds.within("http-port", target.httpPort(), 0, MAX_PORT);
        bounds.within("gone-after", target.goneAfter(), Duration.ofMillis(500), Duration.ofMinutes(1));
        notBlank(bounds, "name", target.name());
        Matcher inBrackets = IN_BRACKETS.matcher(target.host());
        if (inBrackets.matches()) {
            target.host(inBrackets.group(1));
        }
        notBlank(bounds, "host", target.host());
        target.dns().ifPresent(it -> notBlank(bounds, "dns", it));
        bounds.check("host", LITERAL.matcher(target.host()).matches() || !NOT_A_NAME.matcher(target.host()).matches(),
                     "must be an address without a port, but is " + target.host());
        bounds.check("host", !isWildcard(target.host()),
                     "must be an address that other members can connect to, but is " + target.host());
        bounds.check("dns", target.dns().isEmpty() || target.members().isEmpty(), "cannot be combined with members");
        target.members().forEach(it -> bounds.check("members", isMember(it), "must have the form host:port, but is " + it));
    }

    private static void notBlank(ConfigBounds bounds, String key, String value) {
        bounds.check(key, !value.isBlank(), "must not be blank");
    }

    /** Names are not looked up. */
    private static boolean isWildcard(String host) {
        try {
            return LITERAL.matcher(host).matches() && InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static boolean isMember(String member) {
        Matcher matcher = MEMBER.matcher(member);
        return matcher.matches() && Integer.parseInt(matcher.group(1)) >= 1 && Integer.parseInt(matcher.group(1)) <= MAX_PORT;
    }

    @Prototype.ConfigFactoryMethod
    static Duration createDuration(Config config) {
        return ConfigNode.duration(config);
    }
}
