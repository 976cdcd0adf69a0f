package dev.hangup.internal.carriers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.internal.text.Printable;
import dev.hangup.outcome.CarrierHolder;

/** Where requests are found that may hold a carrier, to be named when carriers are frozen. */
public final class RunningRequests {
    /** How many are named. */
    private static final int NAMED = 10;
    private static final Set<Source> SOURCES = ConcurrentHashMap.newKeySet();

    private RunningRequests() {
    }

    /** Something that has requests, from now on. Does not block. */
    public static void add(Source source) {
        SOURCES.add(source);
        // settles the race between this and the end: whichever comes last removes it
        if (source.ended()) {
            remove(source);
        }
    }

    /** It has none any more. */
    public static void remove(Source source) {
        SOURCES.remove(source);
    }

    /**
     * The requests whose virtual threads are on a carrier now, the oldest first. To tell where they are, each thread is halted for a
     * moment.
     *
     * @return some of them, if there are many
     */
    public static List<CarrierHolder> holders() {
        List<Running> mounted = new ArrayList<>();
        Sink mountedOnly = (id, request, since, thread) -> {
            if (isMounted(thread)) {
                mounted.add(new Running(id, request, since, thread));
            }
        };
        SOURCES.forEach(source -> source.running(mountedOnly));
        long now = System.nanoTime();
        return mounted.stream()
                .sorted(Comparator.comparingLong(it -> it.since - now))
                .limit(NAMED)
                .map(it -> it.holder(now))
                .toList();
    }

    /** As far as it is known: the API does not say it, but the text of a virtual thread names its carrier (JDK 21 to 28). */
    private static boolean isMounted(Thread thread) {
        if (thread == null || !thread.isVirtual()) {
            return false;
        }
        String text = thread.toString();
        // an application may have named it
        return text.indexOf('@', text.lastIndexOf("]/")) >= 0;
    }

    /** Has requests. */
    public interface Source {
        /** Tells of those that are in flight. Called on any thread; must not block. */
        void running(Sink sink);

        /** Whether there will be none any more. */
        boolean ended();
    }

    /** Takes requests. */
    @FunctionalInterface
    public interface Sink {
        /**
         * A request that is in flight.
         *
         * @param id      its number; 0 if it has none
         * @param request what is known of it
         * @param since   when its headers had been read, by {@link System#nanoTime()}
         * @param thread  the thread that it is on; may be {@code null}
         */
        void add(long id, String request, long since, Thread thread);
    }

    private record Running(long id, String request, long since, Thread thread) {
        CarrierHolder holder(long now) {
            String name = thread.getName().isEmpty() ? "#" + thread.threadId()
                    : "#" + thread.threadId() + " " + Printable.line(thread.getName());
            return new CarrierHolder(id, request, Duration.ofNanos(now - since), name, List.of(thread.getStackTrace()));
        }
    }
}
