package dev.hangup.internal.server;

import java.lang.management.ManagementFactory;
import java.util.Optional;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * The file descriptors of this process, of which each connection takes one.
 *
 * @param max  how many may be open
 * @param open how many are open
 */
record Descriptors(long max, long open) {
    /** As many connections as one client address can have with one port. */
    private static final long FLOOD = 65_536;
    private static final String NAME = "java.lang:type=OperatingSystem";

    /** The descriptors of this process; empty where the JVM does not know them, as on Windows. */
    static Optional<Descriptors> ofProcess() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            // by name, since the interface is in a module that need not be there
            ObjectName name = new ObjectName(NAME);
            return Optional.of(new Descriptors((Long) server.getAttribute(name, "MaxFileDescriptorCount"),
                                               (Long) server.getAttribute(name, "OpenFileDescriptorCount")));
        } catch (JMException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Whether a single client can take all of them. */
    boolean withinAFlood() {
        return max < FLOOD;
    }

    /** How many connections each of so many listeners may have, so that half of the free descriptors are left to the work. */
    long connections(int listeners) {
        return Math.max(1, (max - open) / 2 / listeners);
    }
}
