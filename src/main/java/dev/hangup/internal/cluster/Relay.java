package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.Deadline;
import dev.hangup.internal.time.StartGate;
import dev.hangup.internal.time.ThreadStarter;

/**
 * The relay of one key to its owner, for all requests of this member that wait for the key. The thread of the shared call makes the
 * calls. A request that joins later, with a later deadline, only records the deadline here. One thread sends it to the member that
 * is being called, a moment later and for all requests.
 */
public final class Relay {
    /**
     * The deadline that is sent is later by this time, so that a storm of requests, each with a slightly later deadline, causes at
     * most ten updates a second.
     */
    private static final Duration AHEAD = Duration.ofMillis(100);
    /** Identifies this process; the member's address would not, since an earlier process may have had it. */
    private static final String PROCESS = UUID.randomUUID().toString();
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** The maximum number of consecutive attempts to send a deadline to a member that does not know the call. */
    static final int TRIES = 10;
    private static final int FIRST_PAUSE_MILLIS = 10;

    private final ThreadFactory threads;
    /** Settles the races of the requests, the calls and the end. The lock of the shared call may be taken inside, not around it. */
    private final Lock lock = new ReentrantLock();
    /** For the member that is being called; {@code null} before the first call. Guarded by the lock. */
    private Sender sender;
    /** Guarded by the lock. */
    private boolean over;

    public Relay() {
        this(ThreadStarter.virtual("hangup-relay"));
    }

    Relay(ThreadFactory threads) {
        this.threads = threads;
    }

    /** Returns a name for a call that no other call of any member has: letters, digits and dashes. */
    static String nextId() {
        return PROCESS + "-" + NUMBERS.incrementAndGet();
    }

    /**
     * Sets the next target, and returns the deadline to begin with. Requests that join later extend that target; a request that
     * has joined before is among the waiting requests, and {@code deadline} returns the latest of their deadlines.
     */
    public Deadline target(Target next, Supplier<Deadline> deadline) {
        lock.lock();
        try {
            if (sender != null) {
                sender.end();
            }
            Deadline first = ahead(deadline.get());
            sender = new Sender(next, first);
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the relay: nothing more is sent, and what is being sent is interrupted. */
    public void end() {
        lock.lock();
        try {
            over = true;
            if (sender != null) {
                sender.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Starts sending the deadline of a request that has joined, if it is later than all earlier ones. Does not wait. */
    public void extend(Deadline deadline) {
        lock.lock();
        try {
            if (!over && sender != null && deadline.compareTo(sender.wanted) > 0) {
                sender.send(ahead(deadline));
            }
        } finally {
            lock.unlock();
        }
    }

    private static Deadline ahead(Deadline deadline) {
        return Deadline.in(deadline.remaining().plus(AHEAD));
    }

    /**
     * Sends a member the later deadlines of the requests that wait for it, the latest one at a time.
     * <p>
     * A member does not know a call that it has not received yet, nor one whose result it is sending. It is asked again after
     * pauses that double, and {@link #TRIES} times in all, which takes five seconds. If that is in vain, the computation keeps the
     * earlier deadline until another request joins. The pauses are needed because each attempt takes a connection and so slows down
     * the very result that is on its way.
     */
    private final class Sender {
        private final Target target;
        /** The deadline that the member knows. Guarded by the lock, as are the fields down to {@code ended}. */
        private Deadline known;
        /** The deadline that the member is to know; never earlier than {@link #known}. */
        private Deadline wanted;
        /** The sending thread; {@code null} while there is nothing to send. */
        private Thread thread;
        private boolean ended;

        private Sender(Target target, Deadline known) {
            this.target = target;
            this.known = known;
            this.wanted = known;
        }

        /** Starts sending a deadline that is later than all others. Called with the lock, as is {@link #end}. */
        private void send(Deadline later) {
            if (thread == null) {
                // belongs to none of the requests, each of which may leave
                StartGate gate = new StartGate();
                Thread starting = threads.newThread(gate.guard(this::run));
                gate.start(starting);
                // assigned only now: if no thread could be started, the next request tries again
                thread = starting;
            }
            wanted = later;
        }

        /** Sends nothing more; interrupts what is being sent, which may go on until it reacts. */
        private void end() {
            ended = true;
            if (thread != null) {
                thread.interrupt();
            }
        }

        private void run() {
            try {
                int failed = 0;
                for (Deadline later = next(failed); later != null; later = next(failed)) {
                    if (target.extend(later)) {
                        acknowledged(later);
                        failed = 0;
                    } else if (++failed < TRIES) {
                        TimeUnit.MILLISECONDS.sleep((long) FIRST_PAUSE_MILLIS << failed - 1);
                    }
                }
            } catch (InterruptedException e) {
                // the relay has ended
                next(TRIES);
            } catch (RuntimeException | Error e) {
                next(TRIES);
                throw e;
            }
        }

        /** The deadline to send after so many failures in a row; {@code null} if this thread sends nothing more. */
        private Deadline next(int failed) {
            lock.lock();
            try {
                if (!ended && failed < TRIES && wanted.compareTo(known) > 0) {
                    return wanted;
                }
                wanted = known;
                thread = null;
                return null;
            } finally {
                lock.unlock();
            }
        }

        private void acknowledged(Deadline later) {
            lock.lock();
            try {
                known = later;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Receives later deadlines. */
    @FunctionalInterface
    public interface Target {
        /** Sends a later deadline, and returns whether it has taken effect. Interrupted when the relay ends. */
        boolean extend(Deadline deadline) throws InterruptedException;
    }
}
