package dev.hangup.work;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between some work and who wants it to stop; see {@link Shielded}. For use by any thread of the work. */
public final class Shield {
    private final Duration patience;
    private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();
    /** Written by the thread that waits for the work. */
    private volatile boolean stopped;

    Shield(Duration patience) {
        this.patience = patience;
    }

    /**
     * From now on, until the registration is closed, the action is what stops the work.
     * <p>
     * It is run once if the work is stopped while the registration is open, on a virtual thread of its own, and never begins
     * after that. What the work leaves open is closed when the work ends. Several registrations may be open; their actions
     * run at the same time.
     *
     * @param action what stops the work
     * @return to be closed when the action has nothing to stop any more, before anything follows that it must not hit
     * @throws InterruptedException if the work was stopped before; the action is not run
     */
    public Registration stoppedBy(StopAction action) throws InterruptedException {
        Registration registration = new Registration(action, patience, registrations::remove);
        registrations.add(registration);
        if (stopped && registration.withdraw()) {
            registrations.remove(registration);
            throw new InterruptedException("Nobody waits for this any more");
        }
        return registration;
    }

    /**
     * Whether the work was stopped; for work that can look.
     *
     * @return whether it was; stays so
     */
    public boolean stopped() {
        return stopped;
    }

    /** Does not wait for anything. */
    void stop() {
        stopped = true;
        registrations.forEach(Registration::begin);
    }

    /** When the work has ended. */
    void close() {
        registrations.forEach(Registration::close);
    }
}
