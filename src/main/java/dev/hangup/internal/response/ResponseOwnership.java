package dev.hangup.internal.response;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import dev.hangup.internal.connection.StallLimit;

import io.helidon.http.Status;

/**
 * The owner of the response to a request: the work or the decision. One CAS settles the race between the work's first byte and
 * the decision. Another settles the race between the work's last byte and the decision.
 */
public final class ResponseOwnership {
    private static final AtomicReferenceFieldUpdater<ResponseOwnership, Phase> PHASE =
            AtomicReferenceFieldUpdater.newUpdater(ResponseOwnership.class, Phase.class, "phase");
    private static final AtomicReferenceFieldUpdater<ResponseOwnership, Thread> WRITING =
            AtomicReferenceFieldUpdater.newUpdater(ResponseOwnership.class, Thread.class, "writing");
    private static final AtomicIntegerFieldUpdater<ResponseOwnership> OTHERS =
            AtomicIntegerFieldUpdater.newUpdater(ResponseOwnership.class, "others");

    private volatile Phase phase = Phase.OPEN;
    /** The status reported for a response that was revoked; written before the phase. */
    private volatile Status status;
    /** The work has completed its response. Written by the thread of the work. */
    private volatile boolean finishing;
    /** The thread that passes bytes to the connection; {@code null} if none does. Written by that thread. */
    private volatile Thread writing;
    /** The thread of the work. Written by that thread before it begins; others may not see it. */
    private Thread worker;
    /** The only thread that may write; {@code null} while the work runs. Written once, by that thread. */
    private volatile Thread only;
    /** The number of other threads than that of the work that pass bytes. A thread counts itself before it checks that it may. */
    private volatile int others;

    Phase phase() {
        return phase;
    }

    Status status() {
        return status;
    }

    /** Whether calls of the work still take effect. */
    boolean attached() {
        Phase now = phase;
        return now == Phase.OPEN || now == Phase.COMMITTED || now == Phase.FINISHING;
    }

    /**
     * Revokes the response, since the work has lost. Called once, before the work is interrupted, by the thread that decides.
     *
     * @param status the status to report from now on
     * @return whether a response must still be sent; if not, the work has already begun its own
     */
    public boolean revoke(Status status) {
        if (revokeUnlessFinished(status)) {
            return phase == Phase.REVOKED;
        }
        phase = Phase.ABORTED;
        return false;
    }

    /**
     * Revokes the response unless the work has completed it. A response revoked between its completion and the end of the work
     * would leave the client with neither this response nor another.
     *
     * @return whether calls of the work no longer take effect
     */
    public boolean revokeUnlessFinished(Status status) {
        this.status = status;
        // settles the races of the decision with the first byte of the work and with its last
        return PHASE.compareAndSet(this, Phase.OPEN, Phase.REVOKED)
                || PHASE.compareAndSet(this, Phase.COMMITTED, Phase.ABORTED)
                || !attached();
    }

    /**
     * Completes the response, since the work has ended. After that it cannot be revoked.
     *
     * @return whether the response had not been revoked before
     */
    public boolean completeUnlessRevoked() {
        finish();
        // settles the race between the end of the work and the decision, for work that has left the response to another handler
        return PHASE.compareAndSet(this, Phase.OPEN, Phase.FINISHING) || attached();
    }

    /**
     * Called with the first byte of the work. Returns whether this call acquired the response; also false if the work has
     * acquired it before.
     */
    boolean acquire() {
        // settles the race between the first byte of the work and the decision
        return PHASE.compareAndSet(this, Phase.OPEN, finishing ? Phase.FINISHING : Phase.COMMITTED);
    }

    /** Called when the work has completed its response. */
    void finish() {
        finishing = true;
        PHASE.compareAndSet(this, Phase.COMMITTED, Phase.FINISHING);
    }

    /** Reverts {@link #finish}: the response is not complete after all. */
    void reopen() {
        finishing = false;
        PHASE.compareAndSet(this, Phase.FINISHING, Phase.COMMITTED);
    }

    /** Whether the work has begun its response, so that it is too late for an error response. */
    public boolean begun() {
        Phase now = phase;
        return now == Phase.COMMITTED || now == Phase.FINISHING || now == Phase.ABORTED;
    }

    /** Whether the work is passing bytes to the connection. */
    public boolean writing() {
        return writing != null;
    }

    /** Whether the work has bytes for the client and is blocked until the client takes them. */
    public boolean waitsForClient() {
        Thread thread = writing;
        return thread != null && StallLimit.isBlocked(thread);
    }

    /** Called on the thread of the work before the work begins. */
    public void begin() {
        worker = Thread.currentThread();
    }

    /**
     * Called when the work has ended by itself: threads that it has left behind cannot write any more.
     *
     * @return whether one is writing
     */
    public boolean release() {
        only = Thread.currentThread();
        return others > 0;
    }

    /**
     * Called before the entity of the real response is touched, to be followed by {@link #leaves} if it may be.
     *
     * @return {@code false} if the work has ended and has left the calling thread behind
     */
    boolean enters() {
        Thread current = Thread.currentThread();
        if (current == worker) {
            return true;
        }
        OTHERS.incrementAndGet(this);
        Thread permitted = only;
        if (permitted == null || permitted == current) {
            return true;
        }
        OTHERS.decrementAndGet(this);
        return false;
    }

    /** Called after {@link #enters}, when that call has returned or thrown. */
    void leaves() {
        if (Thread.currentThread() != worker) {
            OTHERS.decrementAndGet(this);
        }
    }

    /**
     * As {@link #enters}, before bytes are passed to the connection, to be followed by {@link #wrote}. The thread of the work
     * records this without a fence, since only a timer reads it, and will read it again.
     */
    boolean writes() {
        boolean enters = enters();
        if (enters) {
            WRITING.lazySet(this, Thread.currentThread());
        }
        return enters;
    }

    /** Called after {@link #writes}, when that call has returned or thrown. */
    void wrote() {
        WRITING.lazySet(this, null);
        leaves();
    }

    /** Who may write. The phases succeed each other downwards; only a response that turns out to be incomplete is reopened. */
    enum Phase {
        /** Nothing has been sent: the work and the decision compete for the response. */
        OPEN,
        /** The work has acquired the response. */
        COMMITTED,
        /** The work has completed its response; the last byte is being written or has been sent. */
        FINISHING,
        /** The decision won: only the responding thread may use the response. */
        REVOKED,
        /** The work had begun its response when the decision came: the rest is not sent. */
        ABORTED
    }
}
