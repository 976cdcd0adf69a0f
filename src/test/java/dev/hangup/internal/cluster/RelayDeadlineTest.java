package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.Deadline;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How the later deadlines of requests that join reach the member that is being called. */
class RelayDeadlineTest {
    private static final int REQUESTS = 100;

    private final Relay relay = new Relay();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicReference<Deadline> known = new AtomicReference<>(in(1));

    @AfterEach
    void end() {
        relay.end();
    }

    /** One that has sent its result meanwhile, or that has not received the call yet. */
    @Test
    void memberThatDoesNotKnowTheCallIsAskedAFewTimesForAllRequests() throws Exception {
        AtomicBoolean knows = new AtomicBoolean();
        relay.target(deadline -> {
            sent.incrementAndGet();
            known.set(deadline);
            return knows.get();
        }, () -> in(1));
        for (Thread request : joinAll()) {
            assertTrue(request.join(Await.TIME), () -> "A request still waits; the member was asked " + sent + " times");
        }
        Await.until("it is given up", () -> sent.get() == Relay.TRIES && Usage.threads("hangup-relay") == 0);
        // a request that joins later has it asked again
        knows.set(true);
        relay.extend(in(2 * REQUESTS));
        Await.until("a later one is sent", () -> known.get().compareTo(in(2 * REQUESTS - 1)) > 0);
        assertEquals(Relay.TRIES + 1, sent.get());
    }

    @Test
    void oneThreadSendsEvenIfAnotherRunsWhoseStartHasThrown() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        Relay scarce = new Relay(threads);
        CountDownLatch taken = new CountDownLatch(1);
        scarce.target(deadline -> {
            sent.incrementAndGet();
            taken.await();
            return true;
        }, () -> in(1));
        assertThrows(OutOfMemoryError.class, () -> scarce.extend(in(2)));
        scarce.extend(in(3));
        Await.until("it is sent", () -> sent.get() == 1);
        threads.awaitGhost();
        assertEquals(1, sent.get());
        taken.countDown();
        scarce.end();
    }

    @Test
    void requestsThatJoinMeanwhileAreSentAtOnce() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        relay.target(deadline -> {
            joined.await();
            sent.incrementAndGet();
            known.set(deadline);
            return true;
        }, () -> in(1));
        for (Thread request : joinAll()) {
            assertTrue(request.join(Await.TIME), "A request waits until the member has responded");
        }
        joined.countDown();
        awaitLatest();
        // the first one, and the latest of the others
        assertTrue(sent.get() <= 2, () -> sent + " were sent");
    }

    @Test
    void memberThatIsCalledNextGetsLaterDeadlines() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        relay.target(deadline -> {
            asked.countDown();
            return false;
        }, () -> in(1));
        relay.extend(in(10));
        asked.await();
        Deadline begun = relay.target(deadline -> {
            known.set(deadline);
            return true;
        }, () -> in(10));
        assertTrue(begun.compareTo(in(9)) > 0);
        relay.extend(in(REQUESTS));
        awaitLatest();
    }

    @Test
    void nothingIsSentAfterTheEnd() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        relay.target(deadline -> {
            sent.incrementAndGet();
            asked.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return true;
        }, () -> in(1));
        relay.extend(in(2));
        asked.await();
        relay.end();
        assertTrue(interrupted.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "It is still being asked");
        relay.extend(in(3));
        Await.until("its thread has ended", () -> Usage.threads("hangup-relay") == 0);
        assertEquals(1, sent.get());
    }

    private List<Thread> joinAll() {
        List<Thread> requests = new ArrayList<>();
        for (int i = 1; i <= REQUESTS; i++) {
            Deadline deadline = in(i);
            requests.add(Thread.startVirtualThread(() -> relay.extend(deadline)));
        }
        return requests;
    }

    private void awaitLatest() {
        Await.until("the latest one is sent", () -> known.get().compareTo(in(REQUESTS - 10)) > 0);
    }

    private static Deadline in(int minutes) {
        return Deadline.in(Duration.ofMinutes(minutes));
    }
}
