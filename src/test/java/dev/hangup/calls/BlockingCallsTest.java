package dev.hangup.calls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The guide's table of blocking calls, row by row. */
class BlockingCallsTest {
    /** Far longer than any that stops takes where processors are free. */
    private static final Duration STOPPING = Duration.ofSeconds(5);
    private static final Duration GOING_ON = Duration.ofSeconds(1);
    private static final Pattern ROW = Pattern.compile("^\\| (.*) \\| \\*\\*(stops|goes on|returns at once)\\*\\*.*\\|$",
                                                       Pattern.MULTILINE);
    private static final Pattern CALL = Pattern.compile("`([\\w.]+)`");

    /**
     * Calls that are different before JDK 24. Some keep their carrier: two of them, and no virtual thread runs on two processors.
     * The read of a pipe stops on JDK 21.
     */
    private static final Set<String> DIFFERENT_BEFORE = Set.of("synchronized", "Statement.execute", "CancellableSql.call",
                                                               "FileChannel.read");
    private static final boolean BEFORE = Runtime.version().feature() < 24;

    @TempDir
    private Path folder;

    @Tag("departure")
    @Test
    void eachStopsOrGoesOnAsTheGuideSays() throws Exception {
        List<BlockingCall> calls = BlockingCall.all().stream()
                .filter(it -> it.effect() != BlockingCall.Effect.RETURNS)
                .filter(it -> !BEFORE || !DIFFERENT_BEFORE.contains(it.name()))
                .toList();
        Set<BlockingCall> stopping = calls.stream().filter(it -> it.effect() == BlockingCall.Effect.STOPS)
                .collect(Collectors.toSet());
        try (Surroundings surroundings = new Surroundings(folder); Departures departures = new Departures(calls, surroundings)) {
            departures.leave();
            long left = System.nanoTime();
            Map<BlockingCall, Duration> ends = departures.ends(stopping.size());
            assertEquals(stopping, ends.keySet());
            ends.forEach((call, time) -> assertTrue(time.compareTo(STOPPING) < 0, call + " took " + time));
            LockSupport.parkNanos(left + GOING_ON.toNanos() - System.nanoTime());
            assertEquals(0, departures.endsLeft());
            surroundings.release();
            departures.ends(calls.size() - stopping.size());
        }
    }

    /** So a loop around it spins. */
    @Test
    void eachThatReturnsAtOnceLeavesTheInterruptStatusSet() throws Exception {
        for (BlockingCall call : BlockingCall.all()) {
            if (call.effect() == BlockingCall.Effect.RETURNS) {
                Trail trail = new Trail();
                Thread thread = Thread.ofVirtual().start(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        call.block().in(null);
                        call.block().in(null);
                        trail.add("interrupted: " + Thread.currentThread().isInterrupted());
                    } catch (Exception e) {
                        trail.add(call + " threw " + e);
                    }
                });
                Await.until(call + " returns", () -> !thread.isAlive());
                assertEquals(List.of("interrupted: true"), trail.events());
            }
        }
    }

    @Test
    void theGuideHasEachOfThem() throws IOException {
        Map<String, Set<String>> claimed = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("src", "doc", "guide.md")));
        while (rows.find()) {
            Matcher named = CALL.matcher(rows.group(1));
            while (named.find()) {
                claimed.computeIfAbsent(rows.group(2), it -> new TreeSet<>()).add(named.group(1));
            }
        }
        Map<String, Set<String>> seen = new TreeMap<>();
        BlockingCall.all().forEach(it -> seen.computeIfAbsent(it.effect().text(), text -> new TreeSet<>()).add(it.name()));
        assertEquals(seen, claimed);
    }
}
