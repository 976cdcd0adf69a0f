package dev.hangup.demo;

import java.lang.management.ManagementFactory;

import com.sun.management.UnixOperatingSystemMXBean;
import io.helidon.webserver.WebServerConfig;

/** The file descriptors of this process. A crowd of clients must not take all of them. */
final class OpenFiles {
    private OpenFiles() {
    }

    /** Bounds the connections of a server, unless its configuration does. Half of the free descriptors are left to its work. */
    static void bound(WebServerConfig.Builder server) {
        if (server.maxTcpConnections() < 0
                && ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean it) {
            long free = it.getMaxFileDescriptorCount() - it.getOpenFileDescriptorCount();
            server.maxTcpConnections((int) Math.clamp(free / 2, 1, Integer.MAX_VALUE));
        }
    }
}
