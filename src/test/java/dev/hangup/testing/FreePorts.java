package dev.hangup.testing;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Ports for servers that start later. */
public final class FreePorts {
    private FreePorts() {
    }

    /** One port. */
    public static int one() {
        return of(1).getFirst();
    }

    /** Different ports, below the range from which connections, and listeners of other tests, get theirs meanwhile. */
    public static List<Integer> of(int count) {
        return Stream.generate(() -> ThreadLocalRandom.current().nextInt(10_000, 32_000))
                .filter(FreePorts::isFree)
                .distinct()
                .limit(count)
                .toList();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
