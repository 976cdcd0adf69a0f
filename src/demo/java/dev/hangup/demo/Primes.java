package dev.hangup.demo;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;
import dev.hangup.cpu.CpuBound;

import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** Counts primes until the computation has used a given amount of CPU time, however long that takes. */
final class Primes implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Primes.class.getName());
    private static final long FIRST = 1_000_001;
    /** Takes less than a millisecond, so that an interrupt is noticed soon at almost no cost. */
    private static final int CANDIDATES_AT_A_TIME = 500;

    private final CpuBound cpu;

    Primes(CpuBound cpu) {
        this.cpu = cpu;
    }

    @Override
    public JsonObject compute(ServerRequest request) throws Exception {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        long primes = cpu.call(() -> count(path, time.toNanos()));
        return JsonObject.builder()
                .set("msg", "Counted primes")
                .set("primes", primes)
                .set("success", true)
                .build();
    }

    private static long count(String path, long nanos) throws InterruptedException {
        LOGGER.log(System.Logger.Level.INFO, path + ": computing for " + seconds(nanos));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        long primes = 0;
        long candidate = FIRST;
        while (threads.getCurrentThreadCpuTime() - start < nanos) {
            if (Thread.interrupted()) {
                LOGGER.log(System.Logger.Level.WARNING, path + ": cancelled after "
                        + seconds(threads.getCurrentThreadCpuTime() - start) + " of computing");
                throw new InterruptedException("Cancelled");
            }
            for (int i = 0; i < CANDIDATES_AT_A_TIME; i++, candidate += 2) {
                primes += isPrime(candidate) ? 1 : 0;
            }
        }
        LOGGER.log(System.Logger.Level.INFO, path + ": success, counted " + primes + " primes");
        return primes;
    }

    private static boolean isPrime(long odd) {
        for (long divisor = 3; divisor * divisor <= odd; divisor += 2) {
            if (odd % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
