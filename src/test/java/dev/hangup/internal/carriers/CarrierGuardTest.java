package dev.hangup.internal.carriers;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.Hangup;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The guard's thread, with schedulers that are none of the JVM's. */
class CarrierGuardTest {
    private static final String PARALLELISM = "jdk.virtualThreadScheduler.parallelism";
    private static final String MAX_POOL_SIZE = "jdk.virtualThreadScheduler.maxPoolSize";

    private static final int MAX = 77;

    private final String parallelism = System.getProperty(PARALLELISM);
    private final String maxPoolSize = System.getProperty(MAX_POOL_SIZE);

    @AfterEach
    void restore() {
        restore(PARALLELISM, parallelism);
        restore(MAX_POOL_SIZE, maxPoolSize);
    }

    private static void restore(String property, String value) {
        if (value == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, value);
        }
    }

    @Test
    void aLookThatFailsIsReportedOnceAndTheNextOneFollows() throws InterruptedException {
        FailingScheduler scheduler = new FailingScheduler(3);
        CarrierGuard guard = new CarrierGuard(new Thread(), () -> Optional.of(scheduler));
        try (Logged log = Logged.by(CarrierGuard.class.getName())) {
            Thread thread = guard.start();
            Await.until("it goes on looking", () -> scheduler.looks.get() >= 10);
            guard.end();
            thread.join();
            log.trail().awaitAny(it -> it.startsWith("The guard against frozen carriers could not look"), "the first failure");
            assertEquals(1, log.trail().events().size(), log.trail().events().toString());
        }
        assertEquals(2, scheduler.parallelism);
    }

    @Test
    void guardsThatHaveEndedAreNotKept() throws InterruptedException {
        CarrierGuard guard = new CarrierGuard(new Thread(), Optional::empty);
        WeakReference<CarrierGuard> first = new WeakReference<>(guard);
        for (int i = 0; i < 3; i++) {
            Thread before = guard.start();
            before.join();
            guard = new CarrierGuard(before, Optional::empty);
        }
        Thread last = guard.start();
        last.join();
        Await.until("the first one has been collected", () -> {
            System.gc();
            return first.get() == null;
        });
        assertEquals("hangup-carrier-guard", last.getName());
    }

    @Test
    void listenerOfAnInstanceThatServersShareIsNotifiedOnce() {
        Trail trail = new Trail();
        Hangup shared = Hangup.builder().addListener(reportsTo(trail)).build();
        try (PlainServer first = start(shared); PlainServer second = start(shared)) {
            CarrierGuard.report(report(CarrierReport.Event.CHANGED));
            CarrierGuard.report(report(CarrierReport.Event.OVER));
            trail.await("OVER");
            assertEquals(List.of("CHANGED", "OVER"), trail.events());
        }
    }

    private static PlainServer start(Hangup hangup) {
        return PlainServer.builder().server(it -> it.addFeature(hangup)).start(routing -> { });
    }

    private static OutcomeListener reportsTo(Trail trail) {
        return new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void carriers(CarrierReport report) {
                // not those of the guard of this JVM
                if (report.max() == MAX) {
                    trail.add(report.event().name());
                }
            }
        };
    }

    private static CarrierReport report(CarrierReport.Event event) {
        return new CarrierReport(event, 4, 2, MAX, Duration.ofSeconds(3), Duration.ofMillis(20), List.of());
    }

    /** The JDK never uses more carriers than the maximum of its pool (VirtualThread.createDefaultForkJoinPoolScheduler). */
    @ParameterizedTest
    @CsvSource({"2, , 129", "64, , 160", "300, , 300", "2, 1000, 501", "64, 4, 4", "8, 8, 8"})
    void theDefaultIsHalfwayToTheMaximum(String parallelism, String maxPoolSize, int expected) {
        System.setProperty(PARALLELISM, parallelism);
        if (maxPoolSize != null) {
            System.setProperty(MAX_POOL_SIZE, maxPoolSize);
        }
        assertEquals(expected, CarrierGuard.defaultMax());
    }

    /** All carriers are always busy; its first looks fail. */
    private static final class FailingScheduler implements Scheduler {
        private final AtomicInteger looks = new AtomicInteger();
        private final int failures;
        private volatile int parallelism = 2;

        FailingScheduler(int failures) {
            this.failures = failures;
        }

        @Override
        public int parallelism() {
            return parallelism;
        }

        @Override
        public void parallelism(int carriers) {
            parallelism = carriers;
        }

        @Override
        public int mounted() {
            return parallelism;
        }

        @Override
        public boolean isMounted(Thread thread) {
            return false;
        }

        @Override
        public long queued() {
            if (looks.incrementAndGet() <= failures) {
                throw new OutOfMemoryError("no memory");
            }
            return 0;
        }

        @Override
        public void start(Runnable task) {
            task.run();
        }

        @Override
        public void startOnNewCarrier(Runnable task) {
            task.run();
        }
    }
}
