package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import dev.hangup.internal.text.Printable;
import dev.hangup.outcome.CarrierHolder;

/** A registry of requests that may hold a carrier, used to detect frozen carriers and to identify what holds them. */
public final class RunningRequests {
    /** The maximum number of requests that are reported. */
    private static final int MAX_HOLDERS = 10;
    private static final Set<Source> SOURCES = ConcurrentHashMap.newKeySet();

    private RunningRequests() {
    }

    /** Registers a source of requests. Does not block. */
    public static void add(Source source) {
        SOURCES.add(source);
    }

    /** Removes a source that has no more requests. */
    public static void remove(Source source) {
        SOURCES.remove(source);
    }

    /**
     * Returns the requests whose virtual threads are mounted on a carrier now, the oldest first; only some if there are many. Each
     * thread is suspended for a moment to take its stack.
     */
    public static List<CarrierHolder> holders() {
        List<Running> mounted = mounted();
        long now = System.nanoTime();
        return mounted.stream()
                .sorted(Comparator.comparingLong(it -> it.since - now))
                .limit(MAX_HOLDERS)
                .map(it -> it.holder(now))
                .toList();
    }

    /** Returns the threads of these requests that are mounted on a carrier now. */
    static List<Thread> mountedThreads() {
        return mounted().stream().map(Running::thread).toList();
    }

    private static List<Running> mounted() {
        List<Running> mounted = new ArrayList<>();
        Sink mountedOnly = (id, request, since, thread) -> {
            if (isMounted(thread)) {
                mounted.add(new Running(id, request, since, thread));
            }
        };
        SOURCES.forEach(source -> source.running(mountedOnly));
        return mounted;
    }

    /**
     * Whether a virtual thread is on a carrier. No API reports this, but the string form of the thread names its carrier (JDK 21 to
     * 28).
     */
    public static boolean isMounted(Thread thread) {
        if (thread == null || !thread.isVirtual()) {
            return false;
        }
        String text = thread.toString();
        // an application may have chosen the name
        return text.indexOf('@', text.lastIndexOf("]/")) >= 0;
    }

    /** A source of requests. */
    @FunctionalInterface
    public interface Source {
        /** Passes the requests in flight to the sink. Called on any thread; must not block. */
        void running(Sink sink);
    }

    /** Receives requests. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Adds a request in flight.
         *
         * @param id      number of the request; 0 if it has none
         * @param request supplies a description of the request, if it is needed; may be called later, on another thread
         * @param since   when its headers had been read, by {@link System#nanoTime()}
         * @param thread  the thread of the request; may be {@code null}
         */
        void add(long id, Supplier<String> request, long since, Thread thread);
    }

    private record Running(long id, Supplier<String> request, long since, Thread thread) {
        CarrierHolder holder(long now) {
            return new CarrierHolder(id, request.get(), Duration.ofNanos(now - since), Printable.thread(thread),
                                     List.of(thread.getStackTrace()));
        }
    }
}
