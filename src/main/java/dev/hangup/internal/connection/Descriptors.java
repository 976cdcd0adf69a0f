package dev.hangup.internal.connection;

import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import java.util.Optional;

/**
 * The file descriptors of this process, of which each connection takes one.
 *
 * @param max  how many may be open
 * @param open how many are open
 */
public record Descriptors(long max, long open) {
    /** As many connections as one client address can have with one port. */
    private static final long MAX_CONNECTIONS_PER_CLIENT = 65_536;

    /** The descriptors of this process; empty where the JVM does not know them, as on Windows. */
    public static Optional<Descriptors> ofProcess() {
        try {
            // by reflection, since the interface is in a module that need not be there
            Class<? extends PlatformManagedObject> type = Class.forName("com.sun.management.UnixOperatingSystemMXBean")
                    .asSubclass(PlatformManagedObject.class);
            PlatformManagedObject system = ManagementFactory.getPlatformMXBean(type);
            return Optional.of(new Descriptors((long) type.getMethod("getMaxFileDescriptorCount").invoke(system),
                                               (long) type.getMethod("getOpenFileDescriptorCount").invoke(system)));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Whether a single client can take all of them. */
    public boolean canBeExhaustedByOneClient() {
        return max < MAX_CONNECTIONS_PER_CLIENT;
    }

    /**
     * Returns how many connections each of the given number of listeners may have so that half of the free descriptors remain for
     * the work.
     */
    public long connections(int listeners) {
        return Math.max(1, (max - open) / 2 / listeners);
    }
}
