package dev.hangup.internal.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.helidon.webserver.CloseConnectionException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The races of {@link ReadAhead}, each with its two sides. */
public class ReadAheadStress {
    /** A reader that is on its way into its read, or in it, when the sides begin; its client leaves after so many bytes. */
    static class Reading {
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicInteger told = new AtomicInteger();
        final ReadAheadBounds bounds = new ReadAheadBounds(100, 1_000, 1_000, 1_000);
        final ReadAhead reading;
        private int left;

        Reading(int bytes) {
            left = bytes;
            reading = new ReadAhead(this::read, bounds.share("client"), "reader");
            reading.guard(() -> { });
            reading.watch();
            reading.unwatch();
        }

        private byte[] read() {
            try {
                gate.await();
            } catch (InterruptedException e) {
                return null;
            }
            return left-- > 0 ? new byte[] {1} : null;
        }

        /** 1 for bytes, 0 for the end, -1 for a refusal. */
        int get() {
            try {
                byte[] bytes = reading.get();
                return bytes == null ? 0 : bytes.length;
            } catch (CloseConnectionException e) {
                return -1;
            }
        }
    }

    /** A request begins while its client leaves. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Told once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Not told, or twice")
    @State
    public static class GuardAgainstEnd extends Reading {
        public GuardAgainstEnd() {
            super(0);
        }

        @Actor
        public void request() {
            reading.guard(told::incrementAndGet);
            reading.watch();
        }

        @Actor
        public void client() {
            gate.countDown();
        }

        @Arbiter
        public void result(I_Result result) {
            get();
            result.r1 = told.get();
        }
    }

    /** The work ends while its client leaves. */
    @JCStressTest
    @Outcome(id = {"0, 0", "1, 1"}, expect = Expect.ACCEPTABLE, desc = "Told before the work's end, or never")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Told later")
    @State
    public static class UnwatchAgainstEnd extends Reading {
        public UnwatchAgainstEnd() {
            super(0);
            reading.guard(told::incrementAndGet);
            reading.watch();
        }

        @Actor
        public void request(II_Result result) {
            reading.unwatch();
            result.r1 = told.get();
        }

        @Actor
        public void client() {
            gate.countDown();
        }

        @Arbiter
        public void result(II_Result result) {
            get();
            result.r2 = told.get();
        }
    }

    /** Somebody asks for the byte that the reader is taking in. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Neither lost nor seen twice")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Lost, or seen twice")
    @State
    public static class GetAgainstTook extends Reading {
        public GetAgainstTook() {
            super(1);
        }

        @Actor
        public void request(II_Result result) {
            result.r1 = get();
        }

        @Actor
        public void client() {
            gate.countDown();
        }

        @Arbiter
        public void result(II_Result result) {
            result.r2 = get();
        }
    }

    /** The work asks for bytes while it loses. */
    @JCStressTest
    @Outcome(id = {"1, 0", "-1, 0"}, expect = Expect.ACCEPTABLE, desc = "Had them before, or is refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Bytes are kept, or given to whoever is refused")
    @State
    public static class RefuseAgainstGet extends Reading {
        public RefuseAgainstGet() {
            super(1);
            gate.countDown();
        }

        @Actor
        public void work(II_Result result) {
            result.r1 = get();
        }

        @Actor
        public void decider() {
            reading.refuse();
        }

        @Arbiter
        public void result(II_Result result) {
            result.r2 = get() == -1 ? (int) bounds.held() : -1;
        }
    }
}
