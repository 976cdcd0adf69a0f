package dev.hangup.internal.response;

import io.helidon.http.Status;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The work's first byte against the decision: exactly one of them has the response, and the work's calls count no more. */
@JCStressTest
@Outcome(id = "true, false, false", expect = Expect.ACCEPTABLE, desc = "The work has begun to answer; there is no second answer")
@Outcome(id = "false, true, false", expect = Expect.ACCEPTABLE, desc = "The decision has the response")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both have it, or neither, or the work goes on")
@State
public class FirstByteStress {
    private final ResponseOwnership ownership = new ResponseOwnership();

    @Actor
    public void work(ZZZ_Result result) {
        result.r1 = ownership.acquire();
    }

    @Actor
    public void decision(ZZZ_Result result) {
        result.r2 = ownership.revoke(Status.SERVICE_UNAVAILABLE_503);
    }

    @Arbiter
    public void result(ZZZ_Result result) {
        result.r3 = ownership.attached();
    }
}
