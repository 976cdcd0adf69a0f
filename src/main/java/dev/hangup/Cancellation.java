package dev.hangup;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between some work and who wants it to stop; see {@link Uninterruptible}. For use by any thread of the work. */
public final class Cancellation {
    private final Duration actionTime;
    private final Set<CancelRegistration> registrations = ConcurrentHashMap.newKeySet();
    /** Written by the thread that waits for the work. */
    private volatile boolean requested;

    Cancellation(Duration actionTime) {
        this.actionTime = actionTime;
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
    public CancelRegistration onCancel(CancelAction action) throws InterruptedException {
        CancelRegistration registration = new CancelRegistration(action, actionTime, registrations::remove);
        registrations.add(registration);
        if (requested && registration.withdraw()) {
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
    public boolean isRequested() {
        return requested;
    }

    /** Does not wait for anything. */
    void request() {
        requested = true;
        registrations.forEach(CancelRegistration::begin);
    }

    /** When the work has ended. */
    void close() {
        registrations.forEach(CancelRegistration::close);
    }
}
