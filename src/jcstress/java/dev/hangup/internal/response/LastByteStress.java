package dev.hangup.internal.response;

import io.helidon.http.Status;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The end of work that has given its whole response against the watcher: one of them finds that the other was first. */
@JCStressTest
@Outcome(id = "true, false, true", expect = Expect.ACCEPTABLE, desc = "The work has ended, and its response stays")
@Outcome(id = "false, true, false", expect = Expect.ACCEPTABLE, desc = "The watcher has cut the work off")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, or neither")
@State
public class LastByteStress {
    private final ResponseOwnership ownership = new ResponseOwnership();

    /** The work has begun to answer. */
    public LastByteStress() {
        ownership.acquire();
    }

    @Actor
    public void work(ZZZ_Result result) {
        result.r1 = ownership.completeUnlessRevoked();
    }

    @Actor
    public void watcher(ZZZ_Result result) {
        result.r2 = ownership.revokeUnlessFinished(Status.SERVICE_UNAVAILABLE_503);
    }

    @Arbiter
    public void result(ZZZ_Result result) {
        result.r3 = ownership.attached();
    }
}
