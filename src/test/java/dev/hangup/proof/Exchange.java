package dev.hangup.proof;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One request: what is sent, what its work does, what must be answered; and what became of the work. */
final class Exchange {
    /** What became of the work. */
    enum State { NEVER_BEGUN, RUNNING, COMPLETED, STOPPED }

    final long id;
    final Body body;
    final List<Step> steps;
    final int answerLength;
    /** In milliseconds; none if zero. */
    final int deadline;
    final boolean expectsContinue;
    final CountDownLatch begun = new CountDownLatch(1);
    private volatile State state = State.NEVER_BEGUN;
    private volatile Throwable stoppedBy;
    private volatile String trouble = "";

    Exchange(long id, Body body, List<Step> steps, int answerLength, int deadline, boolean expectsContinue) {
        this.id = id;
        this.body = body;
        this.steps = steps;
        this.answerLength = answerLength;
        this.deadline = deadline;
        this.expectsContinue = expectsContinue;
    }

    byte[] request() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("POST /work/" + digits(id) + " HTTP/1.1\r\nHost: localhost\r\n" + body.header()
                + (expectsContinue ? "Expect: 100-continue\r\n" : "")
                + (deadline > 0 ? "X-Request-Timeout-Ms: " + deadline + "\r\n" : "")
                + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body.framed());
        return out.toByteArray();
    }

    /** Always as many, so that a script's bytes lie where they lay the last time. */
    static String digits(long id) {
        return "%012d".formatted(id);
    }

    /** What is answered depends on the request, and on what was read of its body before. */
    static byte[] answer(long id, int hash, int length) {
        byte[] bytes = new byte[length];
        long state = id * 0x9E3779B97F4A7C15L ^ hash;
        for (int i = 0; i < length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            bytes[i] = (byte) (state >>> 56);
        }
        return bytes;
    }

    /** Of what the work has read when it begins to answer. */
    int hash() {
        int read = 0;
        for (Step step : steps) {
            if (step instanceof Step.Send || step instanceof Step.Write) {
                break;
            }
            read += step instanceof Step.Read(int bytes) ? bytes : 0;
        }
        return Arrays.hashCode(Arrays.copyOf(body.bytes(), read));
    }

    byte[] answer() {
        return answer(id, hash(), answerLength);
    }

    boolean endless() {
        return steps.stream().anyMatch(Step.GoOn.class::isInstance);
    }

    boolean streams() {
        return steps.stream().anyMatch(Step.Write.class::isInstance);
    }

    boolean reads() {
        return steps.stream().anyMatch(Step.Read.class::isInstance);
    }

    boolean worksAfterAnswer() {
        return !(steps.getLast() instanceof Step.Send || steps.getLast() instanceof Step.Write);
    }

    /** Whether the connection may end behind the answer: the deadline bounds the work after it, and the rest of the body. */
    boolean mayEndConnection() {
        return deadline > 0 && (worksAfterAnswer() || body.framing() != Body.Framing.NONE);
    }

    void begin() {
        if (state != State.NEVER_BEGUN) {
            trouble("begun twice");
        }
        state = State.RUNNING;
        begun.countDown();
    }

    void complete() {
        state = State.COMPLETED;
    }

    void stop(Throwable by) {
        stoppedBy = by;
        state = State.STOPPED;
    }

    Throwable stoppedBy() {
        return stoppedBy;
    }

    State state() {
        return state;
    }

    /** Something is wrong, whatever became of the work. */
    void trouble(String what) {
        trouble += what + "; ";
    }

    String trouble() {
        return trouble;
    }

    @Override
    public String toString() {
        return "\n  " + id + ": " + state + (stoppedBy == null ? " " : " by " + stoppedBy + " ") + body.framing() + " "
                + body.bytes().length + " -> " + answerLength + " " + steps
                + (deadline > 0 ? " within " + deadline + " ms" : "") + (expectsContinue ? " 100-continue" : "");
    }
}
