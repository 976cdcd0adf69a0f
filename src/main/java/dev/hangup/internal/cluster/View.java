package dev.hangup.internal.cluster;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The members of a cluster as one of them sees them, each by the address of its internal listener. After this member has left,
 * the view keeps the other members of that moment, and no longer changes.
 */
final class View {
    /** Settles the race between a change of the members and this member's leaving. */
    private final Lock lock = new ReentrantLock();
    /** Written under the lock, as are {@link #problem} and {@link #left}. */
    private volatile List<String> members = List.of();
    private volatile Optional<String> problem = Optional.empty();
    private volatile boolean left;
    /** Written by the joining thread. */
    private volatile String self = "";

    List<String> members() {
        return members;
    }

    /** The address of this member, which is empty before its listener has started. */
    String self() {
        return self;
    }

    /** Why there are no other members. */
    Optional<String> problem() {
        return problem;
    }

    boolean hasLeft() {
        return left;
    }

    void setSelf(String address) {
        self = address;
    }

    /** Records why there are no other members, unless there are some. */
    void setProblem(String reason) {
        lock.lock();
        try {
            if (members.size() <= 1) {
                problem = Optional.of(reason);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Replaces the members, and runs an action before any other change.
     *
     * @return {@code false} if this member has left, so that nothing was done
     */
    boolean change(List<String> next, Runnable then) {
        lock.lock();
        try {
            if (left) {
                return false;
            }
            if (next.size() > 1) {
                // first, so that a thread that sees other members finds no reason why there are none
                problem = Optional.empty();
            }
            members = next;
            then.run();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes this member, and runs an action after the last change, if there was any.
     *
     * @param reason the {@linkplain #problem() problem} from now on, unless one is already known
     * @return {@code true} for the first call, {@code false} for later ones, which do nothing
     */
    boolean leave(String reason, Runnable then) {
        lock.lock();
        try {
            if (left) {
                return false;
            }
            left = true;
            boolean joined = !members.isEmpty();
            members = members.stream().filter(it -> !it.equals(self)).toList();
            problem = problem.or(() -> Optional.of(reason));
            if (joined) {
                // other servers of this JVM may share what the action changes
                then.run();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
