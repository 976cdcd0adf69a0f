package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.internal.time.Timer;

/** The timeout of a wait for the rest of a request's body. */
final class RestTimeout {
    /** Settles the race between the end of the time and the end of the request. */
    private final AtomicBoolean over = new AtomicBoolean();
    private final Future<?> timeout;

    /**
     * @param expired run on the timer's thread if the time is over before the request is; must not block
     */
    RestTimeout(Duration time, Runnable expired) {
        this.timeout = Timer.after(time, () -> {
            if (over.compareAndSet(false, true)) {
                expired.run();
            }
        });
    }

    /** Called when the request is over: returns whether the time was not. */
    boolean end() {
        boolean inTime = over.compareAndSet(false, true);
        if (inTime) {
            timeout.cancel(false);
        }
        return inTime;
    }
}
