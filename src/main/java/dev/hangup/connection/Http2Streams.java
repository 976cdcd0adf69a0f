package dev.hangup.connection;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The streams of one connection that Helidon was told of and has not done with.
 * <p>
 * Opened by the connection's thread; looked up by all.
 */
final class Http2Streams {
    private final Map<Integer, Http2Watch> open = new ConcurrentHashMap<>();
    /** Of how many the answer is still due. */
    private final AtomicInteger inFlight = new AtomicInteger();
    /** Those that the client has reset before Helidon was told of them: what it sends of them first must not block that. */
    private final Set<Integer> resetBefore = ConcurrentHashMap.newKeySet();
    /** The newest that was opened. Written by the connection's thread. */
    private volatile int last;

    /** For the connection's thread: whether a stream is not new. */
    boolean known(int id) {
        return id <= last;
    }

    int last() {
        return last;
    }

    void open(Http2Watch stream) {
        last = stream.id();
        inFlight.incrementAndGet();
        open.put(stream.id(), stream);
        if (resetBefore.remove(stream.id())) {
            stream.resetByClient();
        }
    }

    /** The client has reset a stream. On the thread that reads, which may be far ahead. */
    void reset(int id) {
        if (!known(id)) {
            resetBefore.add(id);
        }
        // after that: either it is here by now, or whoever opens it finds it there
        Http2Watch stream = get(id);
        if (stream != null) {
            resetBefore.remove(id);
            stream.resetByClient();
        }
    }

    /** The stream, or {@code null} if it is over or was never opened. */
    Http2Watch get(int id) {
        return open.get(id);
    }

    /** Helidon has done with a stream. */
    void forget(Http2Watch stream) {
        open.remove(stream.id(), stream);
    }

    /** An answer was given. To be called once for each stream. */
    void answered() {
        inFlight.decrementAndGet();
    }

    boolean inFlight() {
        return inFlight.get() > 0;
    }

    void forEach(Consumer<Http2Watch> action) {
        open.values().forEach(action);
    }
}
