package dev.hangup.internal.response;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import io.helidon.http.Status;

/**
 * Whose the answer to a request is: the work's or the decision's. One CAS settles it, with the work's first byte or when the
 * race is decided, whichever comes first; another whether a decision still comes before the work's last byte.
 */
public final class ResponseOwnership {
    private static final AtomicReferenceFieldUpdater<ResponseOwnership, Phase> PHASE =
            AtomicReferenceFieldUpdater.newUpdater(ResponseOwnership.class, Phase.class, "phase");

    private volatile Phase phase = Phase.OPEN;
    /** What the status is said to be of an answer that the work lost; written before the phase. */
    private volatile Status status;
    /** The work has given its whole answer. Written by the work's thread. */
    private volatile boolean finishing;

    Phase phase() {
        return phase;
    }

    Status status() {
        return status;
    }

    /** Whether what the work says counts. */
    boolean attached() {
        Phase now = phase;
        return now == Phase.OPEN || now == Phase.COMMITTED || now == Phase.FINISHING;
    }

    /**
     * The decision went against the work. Called once, before the work is interrupted, by whoever decided.
     *
     * @param status the status to show from now on
     * @return whether the answer is still to be given; if not, the work had begun to give its own
     */
    public boolean revoke(Status status) {
        if (revokeUnlessFinished(status)) {
            return phase == Phase.REVOKED;
        }
        phase = Phase.ABORTED;
        return false;
    }

    /**
     * As {@link #revoke}, but not if the work has given its whole answer: in the instant between that and the end of
     * the work its client would be left with neither that answer nor another.
     *
     * @return whether the work's calls count no more
     */
    public boolean revokeUnlessFinished(Status status) {
        this.status = status;
        // settles the race between the decision and the work's first byte, and that with its last
        return PHASE.compareAndSet(this, Phase.OPEN, Phase.REVOKED)
                || PHASE.compareAndSet(this, Phase.COMMITTED, Phase.ABORTED)
                || !attached();
    }

    /**
     * The work has ended: what it has said counts, and cannot be cut off any more, if it was not before.
     *
     * @return whether it was not
     */
    public boolean completeUnlessRevoked() {
        finish();
        // settles the race between the work's end and the decision, where the work has left the answer to others
        return PHASE.compareAndSet(this, Phase.OPEN, Phase.FINISHING) || attached();
    }

    /** With the work's first byte. Whether the answer became the work's by this; it may be already. */
    boolean acquire() {
        // settles the race between the work's first byte and the decision
        return PHASE.compareAndSet(this, Phase.OPEN, finishing ? Phase.FINISHING : Phase.COMMITTED);
    }

    /** The work has no more to say. */
    void finish() {
        finishing = true;
        PHASE.compareAndSet(this, Phase.COMMITTED, Phase.FINISHING);
    }

    /** It has. */
    void reopen() {
        finishing = false;
        PHASE.compareAndSet(this, Phase.FINISHING, Phase.COMMITTED);
    }

    /**
     * Whether the last byte of the work's answer may be out. A client that has all it wanted may well leave, and has
     * not left before the work's end then.
     */
    public boolean finishing() {
        return phase == Phase.FINISHING;
    }

    /** Who may write. It moves down; only a whole answer may turn out to be none, and be given again. */
    enum Phase {
        /** Not a byte is out: the work and the decision race for the answer. */
        OPEN,
        /** The work won: the answer is its. */
        COMMITTED,
        /** And it has given its whole answer, of which the last byte is being written, or out. */
        FINISHING,
        /** The decision won: the thread that answers has the response to itself. */
        REVOKED,
        /** The work had begun to answer when the decision came: the rest is not sent. */
        ABORTED
    }
}
