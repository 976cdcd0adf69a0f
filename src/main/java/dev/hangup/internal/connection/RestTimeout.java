package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.time.Timer;

/** The timeout of a wait for the rest of a request's body. */
final class RestTimeout {
    /** Settles the race between the expiry and the end of the wait. */
    private final AtomicBoolean over = new AtomicBoolean();
    private final Future<?> timeout;

    /**
     * @param missing whether a part of the body is still missing when the time has elapsed; if not, this timeout does not expire
     * @param expired run on the timer's thread if this timeout expires before it has ended; must not block
     */
    RestTimeout(Duration time, BooleanSupplier missing, Runnable expired) {
        this.timeout = Timer.after(time, () -> {
            if (missing.getAsBoolean() && over.compareAndSet(false, true)) {
                expired.run();
            }
        });
    }

    /** Ends this timeout. Returns whether it had not expired. */
    boolean end() {
        boolean inTime = over.compareAndSet(false, true);
        if (inTime) {
            timeout.cancel(false);
        }
        return inTime;
    }
}
