package dev.hangup.internal.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The races of {@link ReadAheadShare}, each with its two sides. */
public class ReadAheadShareStress {
    /** The total is used up by one connection, and another has what it is guaranteed. */
    static class Full {
        final ReadAheadBounds bounds = new ReadAheadBounds(10, 100, 100, 90);
        final ReadAheadShare filler = bounds.share("filler");
        final ReadAheadShare share = bounds.share("client");

        Full() {
            filler.charge(100);
            share.charge(10);
        }
    }

    /** One holder charges while the connection ends. */
    @JCStressTest
    @Outcome(id = "100, 1", expect = Expect.ACCEPTABLE, desc = "All is given back")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Something stays, or is given back twice")
    @State
    public static class ChargeAgainstClose extends Full {
        @Actor
        public void holder() {
            share.charge(20);
            share.charge(-10);
        }

        @Actor
        public void connection() {
            share.close();
        }

        @Arbiter
        public void result(II_Result result) {
            result.r1 = (int) bounds.held();
            result.r2 = bounds.addresses();
        }
    }

    /** A connection waits for room while it ends. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "Nobody waits")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A connection that is over waits")
    @State
    public static class WaitAgainstClose extends Full {
        @Actor
        public void reader() {
            share.whenRoom(() -> { });
        }

        @Actor
        public void connection() {
            share.close();
        }

        @Arbiter
        public void result(I_Result result) {
            result.r1 = bounds.total.waiting();
        }
    }

    /** A connection begins to wait while another gives back. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Its action runs")
    @Outcome(expect = Expect.FORBIDDEN, desc = "It waits for ever")
    @State
    public static class WaitAgainstGiveBack extends Full {
        final CountDownLatch ran = new CountDownLatch(1);

        @Actor
        public void reader() {
            share.whenRoom(ran::countDown);
        }

        @Actor
        public void other() {
            filler.charge(-50);
        }

        @Arbiter
        public void result(I_Result result) {
            try {
                result.r1 = ran.await(10, TimeUnit.SECONDS) ? 1 : 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
