package dev.hangup.coalescing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What was computed for each key, in the order in which it was begun, and who was given it. Guarded by itself; the clock
 * counts what happens, so that of two things that follow from each other the later one has the larger number.
 */
final class Computed {
    private static final long NEVER = Long.MAX_VALUE;

    private final AtomicLong clock = new AtomicLong();
    private final Map<Integer, Computation> computations = new ConcurrentHashMap<>();
    private final Map<String, List<Computation>> byKey = new ConcurrentHashMap<>();

    long now() {
        return clock.incrementAndGet();
    }

    /** A computation begins, and takes a while. One of ten fails. */
    String compute(String key) throws InterruptedException {
        Computation computation = begin(key);
        try {
            TimeUnit.NANOSECONDS.sleep(computation.number * 7919L % 2_000_000);
        } catch (InterruptedException e) {
            end(computation, End.INTERRUPTED);
            throw e;
        }
        if (computation.number % 10 == 0) {
            end(computation, End.FAILED);
            throw new Failed(computation.text());
        }
        end(computation, End.RETURNED);
        return computation.text();
    }

    /** Somebody who had asked for a key was given what a computation has come to. */
    void given(String key, long askedAt, boolean failure, String text, String cacheStatus) {
        String[] words = text.split(" ");
        assertEquals(key, words[0]);
        computations.get(Integer.parseInt(words[1])).given(now(), askedAt, failure, cacheStatus);
    }

    boolean allEnded() {
        return computations.values().stream().allMatch(it -> it.end != null);
    }

    int begun() {
        return computations.size();
    }

    /** How many have come to nothing for anyone. */
    long forNobody() {
        return computations.values().stream().filter(it -> !it.isGiven()).count();
    }

    long failed() {
        return computations.values().stream().filter(it -> it.end == End.FAILED).count();
    }

    /**
     * As many were begun as were needed: of those that were given to somebody none began before the one before it, of the same
     * key, had ended, and none at all after one that is cached; and each was begun for one who asked, the others say that
     * they waited with that one, or came later. Those that were given to nobody were begun for one each who has left: such a
     * one may begin late, when nobody waits for it any more.
     */
    void check(boolean caches, long whoLeft) {
        assertTrue(forNobody() <= whoLeft, () -> forNobody() + " for nobody, but only " + whoLeft + " left");
        byKey.values().forEach(it -> check(it.stream().filter(Computation::isGiven).toList(), caches));
    }

    private static void check(List<Computation> ofKey, boolean caches) {
        ofKey.forEach(it -> it.check(caches));
        for (int i = 1; i < ofKey.size(); i++) {
            Computation before = ofKey.get(i - 1);
            Computation next = ofKey.get(i);
            assertTrue(next.number > before.endedAt, () -> next + " was begun although there was " + before);
            assertTrue(!caches || before.end == End.FAILED, () -> next + " was begun although " + before + " is cached");
        }
    }

    private Computation begin(String key) {
        List<Computation> ofKey = byKey.computeIfAbsent(key, it -> new ArrayList<>());
        synchronized (ofKey) {
            Computation computation = new Computation(key, (int) now());
            computations.put(computation.number, computation);
            ofKey.add(computation);
            return computation;
        }
    }

    private void end(Computation computation, End end) {
        computation.endedAt = now();
        computation.end = end;
    }

    /** What a computation throws. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(message);
        }
    }

    private enum End {
        RETURNED, FAILED, INTERRUPTED
    }

    private static final class Computation {
        private final String key;
        /** When it was begun; it is known by that. */
        private final int number;
        /** Written by the computation's thread. */
        private volatile long endedAt = NEVER;
        private volatile End end;
        /** Guarded by this, as are the next three. */
        private long firstGivenAt = NEVER;
        private long lastAskedAt;
        private int misses;
        private int hits;

        private Computation(String key, int number) {
            this.key = key;
            this.number = number;
        }

        private String text() {
            return key + " " + number;
        }

        private synchronized void given(long at, long askedAt, boolean failure, String cacheStatus) {
            assertEquals(failure ? End.FAILED : End.RETURNED, end, this::toString);
            firstGivenAt = Math.min(firstGivenAt, at);
            switch (failure ? "failure" : cacheStatus.replaceAll("ttl=[0-9]+", "ttl")) {
            case "failure", "hangup; fwd=miss; collapsed" -> lastAskedAt = Math.max(lastAskedAt, askedAt);
            case "hangup; fwd=miss" -> {
                misses++;
                lastAskedAt = Math.max(lastAskedAt, askedAt);
            }
            case "hangup; hit; ttl" -> hits++;
            default -> throw new AssertionError(this + " says " + cacheStatus);
            }
        }

        private synchronized boolean isGiven() {
            return firstGivenAt != NEVER;
        }

        private synchronized void check(boolean caches) {
            assertTrue(misses <= 1, () -> this + " was computed for " + misses);
            assertTrue(caches || hits == 0, this::toString);
            assertTrue(lastAskedAt < firstGivenAt, () -> this + " was given to one who asked when it was over");
        }

        @Override
        public String toString() {
            return "computation " + text() + " (to " + endedAt + ": " + end + ", given at " + firstGivenAt + ")";
        }
    }
}
