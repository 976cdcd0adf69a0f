package dev.hangup.internal.cluster;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The members of a cluster as one of them sees them, each by the address of its internal listener. After this member has left,
 * the view has the others of that time, and changes no more.
 */
final class View {
    /** Settles the race of a new view with leaving. */
    private final Lock lock = new ReentrantLock();
    /** These three are written under the lock. */
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

    /** Sets the reason for which there are no other members, if there are none. */
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
     * Replaces the members, and then runs an action, which no other change comes before.
     *
     * @return whether that was done: not after this member has left
     */
    boolean change(List<String> next, Runnable then) {
        lock.lock();
        try {
            if (left) {
                return false;
            }
            members = next;
            if (next.size() > 1) {
                problem = Optional.empty();
            }
            then.run();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes this member, and then runs an action, which no change comes after.
     *
     * @return whether that was done: only the first time
     */
    boolean leave(Runnable then) {
        lock.lock();
        try {
            if (left) {
                return false;
            }
            left = true;
            members = members.stream().filter(it -> !it.equals(self)).toList();
            problem = problem.or(() -> Optional.of("has left"));
            then.run();
            return true;
        } finally {
            lock.unlock();
        }
    }
}
