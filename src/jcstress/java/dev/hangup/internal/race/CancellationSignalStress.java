package dev.hangup.internal.race;

import java.time.Duration;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A client leaves while the server stops: one of the two is the reason, for everyone and for good. */
@JCStressTest
@Outcome(id = {"SHUTDOWN, SHUTDOWN", "DISCONNECTED, DISCONNECTED"}, expect = Expect.ACCEPTABLE, desc = "One reason")
@Outcome(expect = Expect.FORBIDDEN, desc = "Two")
@State
public class CancellationSignalStress {
    // work that has not begun need not be notified
    private final CancellationSignal stop = new CancellationSignal(System.nanoTime(), Duration.ofDays(1),
                                                                   new WorkTracker(null, null, null));

    @Actor
    public void client(LL_Result result) {
        stop.departed();
        result.r1 = stop.reason();
    }

    @Actor
    public void server() {
        stop.stopping();
    }

    @Arbiter
    public void result(LL_Result result) {
        result.r2 = stop.reason();
    }
}
